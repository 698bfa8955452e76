import type { Metric, ReportInterval, ReportQuery, UsageRecord } from 'nestjs-track-usage';
import { WallTime, type Span } from './wall-time.js';

type Value = string | number | boolean | null;

/** What a record's value is in each dimension, said a second time. */
export const VALUES: Record<string, (record: UsageRecord) => Value> = {
  route: (record) => record.route && `${record.method} ${record.route}`,
  blueprint: (record) => record.blueprint,
  handler: (record) => record.handler,
  method: (record) => record.method,
  status: (record) => record.status,
  statusClass: (record) => `${String(record.status)[0]!}xx`,
  outcome: (record) => record.outcome,
  consumer: (record) => record.consumer,
  consumerGroup: (record) => record.consumerGroup,
  username: (record) => record.username,
  remote: (record) => record.remoteAddr,
  visitor: (record) => record.visitorId,
  userAgent: ({ userAgent: { browser, version } }) =>
    browser && [browser, ...(version ? [version.split('.')[0]!] : [])].join(' '),
  client: ({ userAgent: { browser, version } }) =>
    browser && [browser, ...(version ? [version] : [])].join(' '),
  kind: (record) => record.userAgent.kind,
  platform: (record) => record.userAgent.platform,
  language: (record) => record.userAgent.language,
  country: (record) => record.ipInfo?.country ?? null,
  server: (record) => record.serverName,
  service: (record) => record.service,
  release: (record) => record.release,
  apiVersion: (record) => record.apiVersion,
  url: (record) => record.url.split('?')[0]!,
  path: (record) => record.path,
  referrer: (record) => record.referrer && new URL(record.referrer).host,
  protocol: (record) => record.protocol,
  authorization: (record) => record.authorization,
  'trackVar.plan': (record) => textOf(record.trackVar?.['plan']),
};

/** A question, and the records that match its `where`. */
export interface Asked {
  readonly query: ReportQuery;
  readonly matches: (record: UsageRecord) => boolean;
  readonly timeZone: string;
  readonly now: number;
}

interface Group {
  readonly values: Value[];
  readonly records: UsageRecord[];
}

/**
 * A report, counted record by record. Its percentiles are exact.
 *
 * @param stored All stored records.
 */
export function bruteForceReport(
  stored: readonly UsageRecord[],
  { query, matches, timeZone, now }: Asked,
) {
  const { metrics = ['hits'], dimensions = [], interval, compare, limit = 100, page = 1 } = query;
  const time = timeOf(timeZone);
  const newest = Math.max(...stored.map(({ date }) => date.getTime()));
  const end = query.endDate?.getTime() ?? Math.max(now, newest);
  const within = ({ start, end }: Span) =>
    stored.filter(({ date }) => date.getTime() >= start && date.getTime() <= end).filter(matches);
  const first = Math.min(...within({ start: -Infinity, end }).map(({ date }) => date.getTime()));
  const start = query.startDate?.getTime() ?? (first === Infinity ? end : first);
  const span = { start, end };
  const spanBefore = compare && time.before(span, interval, compare);

  const groups = groupsOf(within(span), dimensions);
  const before = spanBefore ? groupsOf(within(spanBefore), dimensions) : new Map<string, Group>();
  const order = Object.entries(query.orderBy ?? { [metrics[0]!]: 'desc' });
  // Rows are in the order of what they show.
  const sorted = [...groups.values()].sort((a, b) => {
    for (const [name, direction] of order) {
      const at = dimensions.indexOf(name);
      const [x, y] = [a, b].map(({ values, records }) =>
        at >= 0 ? reported(values[at]!) : sortable(name as Metric, records),
      );
      const difference = compareValues(x!, y!, direction === 'desc' ? -1 : 1);
      if (difference !== 0) return difference;
    }
    for (const [at, value] of a.values.entries()) {
      const difference = compareValues(reported(value), reported(b.values[at]!), 1);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  const shown = sorted.slice((page - 1) * limit, page * limit);
  const others = sorted.filter((group) => !shown.includes(group));
  const named = (records: readonly UsageRecord[], recordsBefore: readonly UsageRecord[]) => ({
    ...valuesOf(metrics, records),
    ...(compare && { previous: valuesOf(metrics, recordsBefore) }),
  });
  const idsShown = new Set(shown.map(({ values }) => JSON.stringify(values)));
  const restBefore = [...before].filter(([id]) => !idsShown.has(id));
  const starts = interval ? time.buckets(interval, span) : [NaN];
  const startsBefore = interval && spanBefore ? time.buckets(interval, spanBefore) : [NaN];
  return {
    rows: shown.flatMap(({ values, records }) => {
      const beside = before.get(JSON.stringify(values))?.records ?? [];
      return starts.map((bucket, index) => ({
        ...Object.fromEntries(dimensions.map((name, at) => [name, reported(values[at]!)])),
        ...(interval && bucketOf(time, interval, bucket, span, now)),
        ...named(
          inBucket(time, interval, records, bucket),
          inBucket(time, interval, beside, startsBefore[index]),
        ),
      }));
    }),
    totals: named(recordsOf(sorted), recordsOf([...before.values()])),
    rest:
      others.length === 0
        ? null
        : {
            ...named(recordsOf(others), recordsOf(restBefore.map(([, group]) => group))),
            groups: others.length,
          },
    groups: sorted.length,
    range: rangeOf(span),
    previousRange: spanBefore ? rangeOf(spanBefore) : null,
  };
}

const times = new Map<string, WallTime>();

function timeOf(timeZone: string): WallTime {
  let time = times.get(timeZone);
  if (!time) times.set(timeZone, (time = new WallTime(timeZone)));
  return time;
}

function groupsOf(records: readonly UsageRecord[], dimensions: readonly string[]) {
  const groups = new Map<string, Group>();
  if (dimensions.length === 0) groups.set('[]', { values: [], records: [] });
  for (const record of records) {
    const values = dimensions.map((name) => VALUES[name]!(record));
    const id = JSON.stringify(values);
    if (!groups.has(id)) groups.set(id, { values, records: [] });
    groups.get(id)!.records.push(record);
  }
  return groups;
}

function recordsOf(groups: readonly Group[]): UsageRecord[] {
  return groups.flatMap(({ records }) => records);
}

function bucketOf(
  time: WallTime,
  interval: ReportInterval,
  start: number,
  span: Span,
  now: number,
): { date: Date; partial?: true } {
  const end = time.end(interval, start);
  const isPartial = start < span.start || end - 1 > span.end || end > now;
  return { date: new Date(start), ...(isPartial && { partial: true }) };
}

function inBucket(
  time: WallTime,
  interval: ReportInterval | undefined,
  records: readonly UsageRecord[],
  bucket: number | undefined,
): readonly UsageRecord[] {
  if (!interval) return records;
  return records.filter(({ date }) => time.start(interval, date.getTime()) === bucket);
}

function rangeOf({ start, end }: Span) {
  return { startDate: new Date(start), endDate: new Date(end) };
}

const DISTINCT: Partial<Record<Metric, string>> = {
  consumers: 'consumer',
  users: 'username',
  visitors: 'visitor',
  remotes: 'remote',
  routes: 'route',
};
export const PERCENTS: Partial<Record<Metric, number>> = {
  p50: 50,
  p90: 90,
  p95: 95,
  p99: 99,
  max: 100,
};

function valuesOf(metrics: readonly Metric[], records: readonly UsageRecord[]) {
  return Object.fromEntries(metrics.map((metric) => [metric, valueOf(metric, records)]));
}

function valueOf(metric: Metric, records: readonly UsageRecord[]): number | Date | null {
  const sum = (of: (record: UsageRecord) => number) =>
    records.reduce((total, record) => total + record.weight * of(record), 0);
  const hits = sum(() => 1);
  const errors = sum(({ status }) => (status > 499 ? 1 : 0));
  const refused = sum(({ status }) => (status > 399 && status < 500 ? 1 : 0));
  const duration = sum(({ speed }) => Math.round(speed * 1e6)) / 1e6;
  const dates = records.map(({ date }) => date.getTime());
  const dimension = DISTINCT[metric];
  if (dimension !== undefined)
    return new Set(records.map(VALUES[dimension]!).filter((value) => value !== null)).size;
  const percent = PERCENTS[metric];
  if (percent !== undefined) return percentile(percent, records);
  switch (metric) {
    case 'hits':
      return hits;
    case 'transfer':
      return sum(({ contentLength }) => contentLength);
    case 'errors':
      return errors;
    case 'refused':
      return refused;
    case 'aborted':
      return sum(({ outcome }) => (outcome === 'aborted' ? 1 : 0));
    case 'errorRate':
      return hits ? errors / hits : null;
    case 'refusedRate':
      return hits ? refused / hits : null;
    case 'duration':
      return duration;
    case 'mean':
      return hits ? duration / hits : null;
    case 'firstSeen':
      return hits ? new Date(Math.min(...dates)) : null;
    case 'lastSeen':
      return hits ? new Date(Math.max(...dates)) : null;
    default:
      throw new Error(metric);
  }
}

/** The nearest rank, with each record as often as it counts. */
function percentile(percent: number, records: readonly UsageRecord[]): number | null {
  const speeds = records.flatMap(({ speed, weight }) => Array<number>(weight).fill(speed));
  speeds.sort((a, b) => a - b);
  return speeds[Math.ceil((percent * speeds.length) / 100) - 1] ?? null;
}

/** The value that groups are ordered by. Percentiles are known by steps of 4 %. */
function sortable(metric: Metric, records: readonly UsageRecord[]): Value {
  const value = valueOf(metric, records);
  if (value instanceof Date) return value.getTime();
  if (PERCENTS[metric] === undefined || value === null) return value;
  const micros = Math.round(value * 1e6);
  return micros === 0 ? -1 : Math.ceil(Math.log(micros) / Math.log(1.04) - 1e-9);
}

function compareValues(a: Value, b: Value, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'string' && typeof b === 'string')
    return sign * Buffer.compare(Buffer.from(a), Buffer.from(b));
  return sign * (Number(a) - Number(b));
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : null;
}

/** `(other)` stands for folded keys, so a value that reads like it is told apart. */
function reported(value: Value): Value {
  return typeof value === 'string' && /^\\*\(other\)$/.test(value) ? `\\${value}` : value;
}
