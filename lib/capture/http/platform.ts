import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ClientView } from './client-view.js';
import type { RequestTrace } from './request-trace.js';

/**
 * Hears of a request that arrives, perhaps several times of the same one.
 *
 * @param request The framework's, where it has made one.
 */
export type ArrivalListener = (
  raw: IncomingMessage,
  response: ServerResponse,
  request?: object,
) => void;

/** Hears of a server's requests before all others who do. */
export function listenTo(server: Partial<Server> | undefined, arrived: ArrivalListener): void {
  server?.prependListener?.('request', (raw: IncomingMessage, response: ServerResponse) => {
    arrived(raw, response);
  });
}

/** What capture has to know of a web framework. */
export interface Platform {
  /**
   * Makes the framework tell of requests that do not come through the application's own server.
   * Must be called before it is started.
   */
  listen(adapter: HttpServer, arrived: ArrivalListener): void;
  /** The pattern that the router matched for a request that has reached its handler. */
  pattern(request: object): unknown;
  /** The framework's request, for the application's own functions. */
  requestOf(trace: RequestTrace): object;
  /** Who the client is and what it asked for; null where the connection itself says so. */
  clientOf(trace: RequestTrace): ClientView | null;
}
