import type { IncomingMessage } from 'node:http';
import type { DashboardRequest } from './answer.js';

/** What both frameworks' requests have. */
export interface PlatformRequest {
  readonly method?: string;
  readonly url?: string;
  /** The whole one, where the application is mounted into another. */
  readonly originalUrl?: string;
  readonly protocol?: string;
  readonly headers?: IncomingMessage['headers'];
  readonly params?: unknown;
}

/** Reads a request that a wildcard route has matched. */
export function readRequest(request: PlatformRequest, signal: AbortSignal): DashboardRequest {
  const url = request.originalUrl ?? request.url ?? '/';
  const [path = '', ...query] = url.split('?');
  const name = restOf(request.params);
  return {
    name,
    query: new URLSearchParams(query.join('?')),
    base: name !== '' || path.endsWith('/') ? '' : `${path.slice(path.lastIndexOf('/') + 1)}/`,
    origin: `${request.protocol ?? 'http'}://${request.headers?.host ?? 'localhost'}`,
    signal,
  };
}

/** The part of the path that the wildcard matched: a list on Express, text on Fastify. */
function restOf(params: unknown): string {
  const { rest, '*': star } = (params ?? {}) as { rest?: unknown; '*'?: unknown };
  const given = rest ?? star ?? '';
  return (Array.isArray(given) ? given.join('/') : (given as string)).replace(/^\/+|\/+$/g, '');
}
