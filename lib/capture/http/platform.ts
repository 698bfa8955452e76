import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ClientView } from './client-view.js';
import type { RequestTrace } from './request-trace.js';

/**
 * Called when a request arrives, possibly several times for one request.
 *
 * @param request The framework's request, if it exists already.
 */
export type ArrivalListener = (
  raw: IncomingMessage,
  response: ServerResponse,
  request?: object,
) => void;

/** Listens to a server's requests, before all other listeners. */
export function listenTo(server: Partial<Server> | undefined, arrived: ArrivalListener): void {
  server?.prependListener?.('request', (raw: IncomingMessage, response: ServerResponse) => {
    arrived(raw, response);
  });
}

/** The interface between capture and a web framework. */
export interface Platform {
  /**
   * Listens to requests that do not come through the application's own server. Call it before the
   * application is started.
   */
  listen(adapter: HttpServer, arrived: ArrivalListener): void;
  /** The route pattern that matched a request that has reached its handler. */
  pattern(request: object): unknown;
  /** The framework's request, which is passed to the application's functions. */
  requestOf(trace: RequestTrace): object;
  /** The client and the requested host; null if only the connection tells them. */
  clientOf(trace: RequestTrace): ClientView | null;
}
