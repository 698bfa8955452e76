import type { UsageClient } from './usage-client.js';

const HEADERS = [
  ['x-client-name', 'x-client-version'],
  ['apollographql-client-name', 'apollographql-client-version'],
] as const;

/**
 * Names the client of a request; null if the request does not.
 *
 * @publicApi
 */
export type ClientHeadersReader = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  request: any,
) => UsageClient | null;

/**
 * Names the client by the headers that clients send, for the option `client`: `x-client-name` and
 * `x-client-version`, else `apollographql-client-name` and `apollographql-client-version`. Without
 * them, the user agent names the client.
 *
 * @example
 * TrackUsageModule.forRoot({ client: byClientHeaders() });
 *
 * @publicApi
 */
export function byClientHeaders(): ClientHeadersReader {
  return ({ headers = {} }: { headers?: Record<string, unknown> }) => {
    for (const [nameHeader, versionHeader] of HEADERS) {
      const name = headers[nameHeader];
      if (typeof name !== 'string' || name.trim() === '') continue;
      const version = headers[versionHeader];
      return { name, version: typeof version === 'string' ? version : null };
    }
    return null;
  };
}
