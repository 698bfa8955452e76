import type { UserAgentInfo } from '../record/index.js';
import { summary } from './summary-hook.js';

/**
 * By URL, without the query.
 *
 * @publicApi
 */
export const sumUrls = summary('url', ({ url }) => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
});

/**
 * By the client's address.
 *
 * @publicApi
 */
export const sumRemotes = summary('remote', (record) => record.remoteAddr);

/**
 * By browser and major version: `Chrome 126`, `curl 8`.
 *
 * @publicApi
 */
export const sumUserAgents = summary('userAgent', (record) => browserOf(record.userAgent));

/**
 * By the client's first language: `de-CH`.
 *
 * @publicApi
 */
export const sumLanguages = summary('language', (record) => record.userAgent.language);

/**
 * By the server that answered.
 *
 * @publicApi
 */
export const sumServer = summary('server', (record) => record.serverName);

/**
 * By visitor, where the `cookie` or `visitors` option is on.
 *
 * @publicApi
 */
export const sumVisitors = summary('visitor', (record) => record.visitorId);

/**
 * By country, as its ISO code: `CH`.
 *
 * @publicApi
 */
export const sumGeo = summary('geo', (record) => record.ipInfo?.country);

/**
 * By method and route: `GET /cats/:id`. Requests that no route matched count under `(none)`.
 *
 * @publicApi
 */
export const sumRoutes = summary('route', ({ method, route }) =>
  route === null ? null : `${method} ${route}`,
);

/**
 * By status: `404`.
 *
 * @publicApi
 */
export const sumStatuses = summary('status', (record) => record.status);

/**
 * The summaries by URL, client's address, user agent, language and server.
 *
 * @publicApi
 */
export const sumBasic = [sumUrls, sumRemotes, sumUserAgents, sumLanguages, sumServer] as const;

function browserOf({ browser, version }: UserAgentInfo): string | null {
  if (browser === null) return null;
  const major = version === null ? '' : (/^[^.\s]+/.exec(version)?.[0] ?? '');
  return major ? `${browser} ${major}` : browser;
}
