import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';

/** The requests whose answers are under way. What they ask of storages ends with them. */
export class OpenRequests {
  private readonly open = new Set<AbortController>();
  private isClosed = false;

  /** A signal that is aborted when the client goes before its answer has been sent, or at `close`. */
  signalFor(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    // Each query of a page listens.
    setMaxListeners(0, controller.signal);
    this.open.add(controller);
    response.once('close', () => {
      this.open.delete(controller);
      if (!response.writableFinished)
        controller.abort(new DOMException('The client has gone.', 'AbortError'));
    });
    if (this.isClosed) controller.abort(closing());
    return controller.signal;
  }

  /** Ends all answers that are under way, and those that still come. */
  close(): void {
    this.isClosed = true;
    for (const controller of this.open) controller.abort(closing());
  }
}

function closing(): DOMException {
  return new DOMException('The application closes.', 'AbortError');
}
