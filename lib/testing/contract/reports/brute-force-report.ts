import type { UsageRecord } from '../../../record/index.js';
import type {
  Metric,
  ReportInterval,
  ReportQuery,
} from '../../../storages/contract/usage-report.js';
import { sortable, valuesOf } from './metric-values.js';
import { VALUES, type Value } from './record-values.js';
import { WallTime, type Span } from './wall-time.js';

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

function compareValues(a: Value, b: Value, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'string' && typeof b === 'string')
    return sign * Buffer.compare(Buffer.from(a), Buffer.from(b));
  return sign * (Number(a) - Number(b));
}

/** `(other)` stands for folded keys, so a value that reads like it is told apart. */
function reported(value: Value): Value {
  return typeof value === 'string' && /^\\*\(other\)$/.test(value) ? `\\${value}` : value;
}
