import type { UserAgentInfo } from '../record/index.js';
import { summary } from './summary-hook.js';

/**
 * Summary by URL, without the query.
 *
 * @publicApi
 */
export const sumUrls = summary('url', ({ url }) => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
});

/**
 * Summary by the client's address.
 *
 * @publicApi
 */
export const sumRemotes = summary('remote', (record) => record.remoteAddr);

/**
 * Summary by browser and major version: `Chrome 126`, `curl 8`.
 *
 * @publicApi
 */
export const sumUserAgents = summary('userAgent', (record) => browserOf(record.userAgent));

/**
 * Summary by the client's first language: `de-CH`.
 *
 * @publicApi
 */
export const sumLanguages = summary('language', (record) => record.userAgent.language);

/**
 * Summary by the server that answered.
 *
 * @publicApi
 */
export const sumServer = summary('server', (record) => record.serverName);

/**
 * Summary by visitor. Needs the `cookie` or `visitors` option; without it, all records count under
 * `(none)`.
 *
 * @publicApi
 */
export const sumVisitors = summary('visitor', (record) => record.visitorId);

/**
 * Summary by country, as its ISO code: `CH`.
 *
 * @publicApi
 */
export const sumGeo = summary('geo', (record) => record.ipInfo?.country);

/**
 * Summary by method and route: `GET /cats/:id`. Requests that no route matched count under
 * `(none)`.
 *
 * @publicApi
 */
export const sumRoutes = summary('route', ({ method, route }) =>
  route === null ? null : `${method} ${route}`,
);

/**
 * Summary by status: `404`.
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
