import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientView, RequestTrace } from '../request-trace.js';

/** Hears of requests that may not come through the application's own server. */
export type RequestListener = (
  raw: IncomingMessage,
  response: ServerResponse,
  request: object,
) => void;

/** What capture has to know of a web framework. */
export interface Platform {
  /** Makes the framework tell of its requests. Must be called before it is started. */
  listen?(adapter: HttpServer, listener: RequestListener): void;
  /** The pattern that the router matched for a request that has reached its handler. */
  pattern(request: object): unknown;
  /** The framework's request, for the application's own functions. */
  requestOf(trace: RequestTrace): object;
  /** Who the client is and what it asked for; null where the connection itself says so. */
  clientOf(trace: RequestTrace): ClientView | null;
}
