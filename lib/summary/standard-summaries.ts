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
 * Summary by consumer: who called, in the application's own terms.
 *
 * @publicApi
 */
export const sumConsumers = summary('consumer', valueOf('consumer'));

/**
 * Summary by client and its whole version: `MyShop 4.12.0`.
 *
 * @publicApi
 */
export const sumClients = summary('client', valueOf('client'));

/**
 * Summary by the version of the application that answered. Needs the option `release`.
 *
 * @publicApi
 */
export const sumReleases = summary('release', valueOf('release'));

/**
 * Summary by blueprint: the controller, or the name in `@TrackUsage({ blueprint })`.
 *
 * @publicApi
 */
export const sumBlueprints = summary('blueprint', valueOf('blueprint'));

/**
 * The summaries by URL, client's address, user agent, language and server.
 *
 * @example
 * new SqlStorage({ hooks: [sumBasic, sumRoutes] });
 *
 * @publicApi
 */
export const sumBasic = [sumUrls, sumRemotes, sumUserAgents, sumLanguages, sumServer] as const;

// Sums and records must never disagree: a summary's keys are the values of its dimension.
function valueOf(dimension: string): SummaryHook['key'] {
  return standardDimension(dimension).read;
}
