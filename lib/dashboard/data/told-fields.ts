import type { Metric } from '../../storages/contract/usage-report.js';

/** The fields of the record that a metric tells, beside how many requests there are and when. */
export const FIELDS_OF_METRIC: Readonly<Partial<Record<Metric, readonly string[]>>> = {
  transfer: ['contentLength'],
  errors: ['status'],
  refused: ['status'],
  errorRate: ['status'],
  refusedRate: ['status'],
  aborted: ['outcome'],
  duration: ['speed'],
  mean: ['speed'],
  p50: ['speed'],
  p90: ['speed'],
  p95: ['speed'],
  p99: ['speed'],
  max: ['speed'],
  consumers: ['consumer'],
  users: ['username'],
  visitors: ['visitorId'],
  remotes: ['remoteAddr'],
  routes: ['method', 'route'],
};

/** The other fields that tell a field, in whole or in part, so that they are hidden with it. */
const TOLD_BY: Readonly<Record<string, readonly string[]>> = {
  route: ['path', 'url'],
  path: ['url'],
  viewArgs: ['path', 'url'],
  remoteAddr: ['xForwardedFor', 'ipInfo.raw'],
  'ipInfo.country': ['ipInfo'],
  'ipInfo.region': ['ipInfo.raw'],
  'ipInfo.city': ['ipInfo.raw'],
  'ipInfo.latitude': ['ipInfo.raw'],
  'ipInfo.longitude': ['ipInfo.raw'],
  'userAgent.browser': ['userAgent.string'],
  'userAgent.version': ['userAgent.string'],
  'userAgent.platform': ['userAgent.string'],
  'userAgent.kind': ['userAgent.string'],
};

/** A field, and all that tell it: with `path`, `url` as well. */
export function withTellers(field: string): readonly string[] {
  // One argument stands in the path as all of them do.
  const known = field.startsWith('viewArgs.') ? 'viewArgs' : field;
  return [field, ...(TOLD_BY[known] ?? []).flatMap(withTellers)];
}
