import type { UsageRecord } from 'nestjs-track-usage';
import { LATENCY_TEXT, type Increment } from '../ingest/increments.js';

// Set for the side that writes what version 0.1 wrote: what the columns since then cost.
const isReleased = process.env['BENCH_COLUMNS'] === 'released';

const RELEASED_COLUMNS = [
  'id', 'date', 'url', 'path', 'method', 'protocol', 'route', 'blueprint', 'handler', 'view_args',
  'url_args', 'status', 'outcome', 'speed_us', 'content_length', 'remote_addr', 'x_forwarded_for',
  'referrer', 'authorization', 'username', 'ua_browser', 'ua_version', 'ua_platform',
  'ua_language', 'ua_string', 'ua_kind', 'ip_info', 'visitor_id', 'server_name', 'track_var',
  'weight',
]; // prettier-ignore
const LATER_COLUMNS = [
  'consumer', 'consumer_group', 'service', 'release', 'api_version', 'trace_id',
]; // prettier-ignore

/** The columns of the table of records. */
export const COLUMNS = isReleased ? RELEASED_COLUMNS : [...RELEASED_COLUMNS, ...LATER_COLUMNS];

const RELEASED_SUM_COLUMNS = [
  'dimension', 'period', 'date', 'key', 'long_key', 'hits', 'transfer', 'errors', 'duration_us',
  'latency',
]; // prettier-ignore

/** The columns of the table of summaries. */
export const SUM_COLUMNS = isReleased
  ? RELEASED_SUM_COLUMNS
  : [...RELEASED_SUM_COLUMNS, 'measured', 'refused', 'aborted', 'first_seen', 'last_seen'];

export const SUM_KEY = ['dimension', 'period', 'date', 'key'];
const ADDED = ['hits', 'transfer', 'errors', 'duration_us', 'measured', 'refused', 'aborted'];

/**
 * The assignments that add a row to the one that is there; latency is written over.
 *
 * @param stored The column of the row that is there.
 * @param given That of the row that is added.
 */
export function assignments(
  [least, greatest]: readonly [string, string],
  stored: (name: string) => string,
  given: (name: string) => string,
): string {
  const merged = (call: string, name: string) =>
    `${name} = ${call}(${stored(name)}, ${given(name)})`;
  return [
    ...ADDED.filter((name) => SUM_COLUMNS.includes(name)).map(
      (name) => `${name} = ${stored(name)} + ${given(name)}`,
    ),
    ...(isReleased ? [] : [merged(least, 'first_seen'), merged(greatest, 'last_seen')]),
    `latency = ${given('latency')}`,
  ].join(', ');
}

/** As a row of the table of summaries, in the order of `SUM_COLUMNS`. */
export function rowOfIncrement(row: Increment): (string | number | null)[] {
  const { dimension, period, date, key, hits, transfer, errors, duration } = row;
  const { measured, refused, aborted, firstSeen, lastSeen } = row;
  const later = isReleased ? [] : [measured, refused, aborted, firstSeen, lastSeen];
  return [
    dimension, period, date, key, null, hits, transfer, errors, duration, LATENCY_TEXT, ...later,
  ]; // prettier-ignore
}

/** A record as values in the order of `COLUMNS`. */
export function valuesOf(r: UsageRecord): (string | number | null)[] {
  const agent = r.userAgent;
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [
    r.id, r.date.getTime(), r.url, r.path, r.method, r.protocol, r.route, r.blueprint, r.handler,
    json(r.viewArgs), json(r.urlArgs), r.status, r.outcome, Math.round(r.speed * 1e6),
    r.contentLength, r.remoteAddr, r.xForwardedFor, r.referrer, r.authorization ? 1 : 0,
    r.username, agent.browser, agent.version, agent.platform, agent.language, agent.string,
    agent.kind, json(r.ipInfo), r.visitorId, r.serverName, json(r.trackVar), r.weight,
    ...(isReleased
      ? []
      : [r.consumer, r.consumerGroup, r.service, r.release, r.apiVersion, r.traceId]),
  ]; // prettier-ignore
}
