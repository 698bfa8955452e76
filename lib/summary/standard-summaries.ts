import { standardDimension } from './report-dimensions.js';
import { summary, type SummaryHook } from './summary-hook.js';

/**
 * Summary by URL, without the query.
 *
 * @publicApi
 */
export const sumUrls = summary('url', valueOf('url'));

/**
 * Summary by the client's address.
 *
 * @publicApi
 */
export const sumRemotes = summary('remote', valueOf('remote'));

/**
 * Summary by browser and major version: `Chrome 126`, `curl 8`.
 *
 * @publicApi
 */
export const sumUserAgents = summary('userAgent', valueOf('userAgent'));

/**
 * Summary by the client's first language: `de-CH`.
 *
 * @publicApi
 */
export const sumLanguages = summary('language', valueOf('language'));

/**
 * Summary by the server that answered.
 *
 * @publicApi
 */
export const sumServer = summary('server', valueOf('server'));

/**
 * Summary by visitor. Needs the `cookie` or `visitors` option; without it, all records count under
 * `(none)`.
 *
 * @publicApi
 */
export const sumVisitors = summary('visitor', valueOf('visitor'));

/**
 * Summary by country, as its ISO code: `CH`.
 *
 * @publicApi
 */
export const sumGeo = summary('geo', valueOf('country'));

/**
 * Summary by method and route: `GET /cats/:id`. Requests that no route matched count under
 * `(none)`.
 *
 * @publicApi
 */
export const sumRoutes = summary('route', valueOf('route'));

/**
 * Summary by status: `404`.
 *
 * @publicApi
 */
export const sumStatuses = summary('status', valueOf('status'));

/**
 * The summaries by URL, client's address, user agent, language and server.
 *
 * @publicApi
 */
export const sumBasic = [sumUrls, sumRemotes, sumUserAgents, sumLanguages, sumServer] as const;

// Sums and records must never disagree: a summary's keys are the values of its dimension.
function valueOf(dimension: string): SummaryHook['key'] {
  return standardDimension(dimension).read;
}
