import type { UsageRecord } from 'nestjs-track-usage';

/** The columns of the table of records. */
export const COLUMNS = [
  'id', 'date', 'url', 'path', 'method', 'protocol', 'route', 'blueprint', 'handler', 'view_args',
  'url_args', 'status', 'outcome', 'speed_us', 'content_length', 'remote_addr', 'x_forwarded_for',
  'referrer', 'authorization', 'username', 'ua_browser', 'ua_version', 'ua_platform',
  'ua_language', 'ua_string', 'ua_kind', 'ip_info', 'visitor_id', 'server_name', 'track_var',
  'weight',
]; // prettier-ignore

/** The columns of the table of summaries. */
export const SUM_COLUMNS = [
  'dimension', 'period', 'date', 'key', 'long_key', 'hits', 'transfer', 'errors', 'duration_us',
  'latency',
]; // prettier-ignore

export const SUM_KEY = ['dimension', 'period', 'date', 'key'];
export const ADDED = ['hits', 'transfer', 'errors', 'duration_us'];

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
  ]; // prettier-ignore
}
