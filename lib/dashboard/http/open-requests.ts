import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * How long queries go on that an answer has not waited for. The page's script asks for their panels,
 * and joins them.
 */
const LINGER_MS = 2000;

/** The requests whose answers are under way. What they ask of storages ends with them. */
export class OpenRequests {
  private readonly open = new Map<AbortController, ServerResponse>();
  private isClosed = false;

  /**
   * A signal that is aborted when the client goes before its answer has been sent, some time after it
   * has been sent, or at `close`.
   */
  signalFor(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    // Each query of a page listens.
    setMaxListeners(0, controller.signal);
    this.open.set(controller, response);
    const leave = () => {
      this.open.delete(controller);
      controller.abort(new DOMException('The client has gone.', 'AbortError'));
    };
    response.once('close', () => {
      if (response.writableFinished) setTimeout(leave, LINGER_MS).unref();
      else leave();
    });
    if (this.isClosed) end(controller, response);
    return controller.signal;
  }

  /** Ends all answers that are under way, and those that still come. */
  close(): void {
    this.isClosed = true;
    for (const [controller, response] of this.open) end(controller, response);
  }
}

function end(controller: AbortController, response: ServerResponse): void {
  endConnection(response);
  controller.abort(new DOMException('The application closes.', 'AbortError'));
}

/**
 * Ends the connection behind the answer. Node would keep it open for another request, and a server that
 * closes waits for that: 5 seconds on Express, 72 on Fastify.
 */
function endConnection(response: ServerResponse): void {
  const { socket } = response;
  // HTTP/2 has many answers on one connection, which the server ends by itself.
  if (response.req.httpVersionMajor > 1) return;
  if (response.headersSent) response.once('finish', () => socket?.destroySoon());
  else response.setHeader('Connection', 'close');
}
