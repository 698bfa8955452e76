import type { ServerResponse } from 'node:http';
import type { RouteNotice } from '../routes/route-notice.js';
import { addHeader } from './added-header.js';

/**
 * Tells the caller of a deprecated route: `Deprecation` (RFC 9745) with the second since when,
 * `Sunset` (RFC 8594) and `Link`. What the application sets itself is sent as it is, and a `Link`
 * beside its own.
 */
export function addDeprecationHeaders(response: ServerResponse, notice: RouteNotice): void {
  if (!notice.sendsHeaders || response.headersSent) return;
  const { since, sunset, link } = notice.deprecation;
  const seconds = Math.floor((since?.getTime() ?? notice.knownSince) / 1000);
  addHeader(response, { name: 'Deprecation', value: `@${seconds}`, beside: 'theirs' });
  if (sunset !== null)
    addHeader(response, { name: 'Sunset', value: sunset.toUTCString(), beside: 'theirs' });
  if (link !== null)
    addHeader(response, { name: 'Link', value: `<${link}>; rel="deprecation"`, beside: 'both' });
}
