import type { BucketCalendar, BucketSpan } from '../../../summary/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import type { ReportInterval, UsageReport } from '../../contract/usage-report.js';
import { ReportBuilder, type CountedSpan } from './build-report.js';
import { comparedSpan } from './comparison.js';
import { readsLatencyLate } from './late-latency.js';
import { MetricSet } from './metrics.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import { ReportGroups, type GroupShape } from './report-groups.js';
import type { AskedSpan, Counted, ReportSource } from './report-source.js';

/** The most buckets of a range. */
const MAX_BUCKETS = 100_000;
/** The most rows of a report, which is held in memory as a whole. */
const MAX_ROWS = 1_000_000;

/** The answer of one source to a checked question. */
export async function runReport(
  query: ParsedReportQuery,
  source: ReportSource,
): Promise<UsageReport> {
  const { calendar } = source;
  const { interval, compare } = query;
  const now = Date.now();
  const metrics = new MetricSet([...new Set([...query.metrics, ...orderMetrics(query)])]);
  const isOpen = query.filter.start === null;
  const shape = { calendar, dimensions: query.dimensions, interval, metrics, isOpen };
  const asked = await askedSpan(query, source, now);
  checkBuckets(query, calendar, asked);
  const attempt = async (isLatencyLate: boolean) => {
    const found = await countSpans({ ...shape, isLatencyLate }, source, asked, compare);
    checkRows(query, found.current);
    const { current, previous } = found;
    const built = await new ReportBuilder(query, metrics, current, previous, now).build();
    return built && { ...found, built };
  };
  // What sums count may change before the latency of those that are shown is read.
  const isLate = readsLatencyLate(query, metrics);
  const { current, previous, built } = (await attempt(isLate)) ?? (await attempt(false))!;
  const counted = previous ? [current.counted, previous.counted] : [current.counted];
  return {
    ...built,
    range: rangeOf(current.span),
    previousRange: previous && rangeOf(previous.span),
    source: sourceOf(counted),
    approximate: metrics.distinct
      .filter(({ name }) => counted.some(({ incomplete }) => incomplete.has(name)))
      .flatMap((dimension) => metrics.counting(dimension))
      .filter((metric) => query.metrics.includes(metric)),
  } as UsageReport;
}

interface Found extends CountedSpan {
  readonly counted: Counted;
}

/** The span of the question. Without `endDate` it ends now, or with the newest request if later. */
async function askedSpan(
  { filter }: ParsedReportQuery,
  source: ReportSource,
  now: number,
): Promise<AskedSpan> {
  const start = filter.start && filter.start.getTime();
  const last = filter.end ? filter.end.getTime() : Math.max(now, (await source.newest()) ?? now);
  return { start, end: Math.max(last, start ?? last) + 1 };
}

/** Counts a span and the one that it is compared with: both at once, if the source can. */
async function countSpans(
  shape: GroupShape,
  source: ReportSource,
  asked: AskedSpan,
  compare: ParsedReportQuery['compare'],
): Promise<{ current: Found; previous: Found | null }> {
  if (compare === null) return { current: await countSpan(shape, source, asked), previous: null };
  const { calendar, interval } = shape;
  const comparedTo = (span: BucketSpan) => comparedSpan(calendar, span, interval, compare);
  const { start, end } = asked;
  const expected = source.isConcurrent && start !== null ? comparedTo({ start, end }) : null;
  const early = expected && countSpan(shape, source, expected);
  // Whoever fails first is told of.
  early?.catch(() => {});
  const current = await countSpan(shape, source, asked);
  const span = comparedTo(current.span);
  // What neither sums nor records can tell is left out of what is compared, too.
  const isExpected = span.start === expected?.start && span.end === expected.end;
  return { current, previous: await (isExpected ? early : countSpan(shape, source, span)) };
}

async function countSpan(
  shape: GroupShape,
  source: ReportSource,
  asked: AskedSpan,
): Promise<Found> {
  const groups = new ReportGroups(shape);
  const counted = await source.count(asked, groups);
  const { end } = counted.span;
  const start = counted.span.start ?? groups.firstSeen ?? end - 1;
  const span = { start, end };
  const { late } = counted;
  return { groups, counted, late, span, buckets: bucketsOf(shape.calendar, span, shape.interval) };
}

function bucketsOf(
  calendar: BucketCalendar,
  span: BucketSpan,
  interval: ReportInterval | null,
): BucketSpan[] {
  if (interval === null) return [span];
  const buckets: BucketSpan[] = [];
  for (let at = span.start; at < span.end;) {
    const bucket = calendar.bucket(interval, at);
    buckets.push(bucket);
    if (buckets.length > MAX_BUCKETS) throw tooManyBuckets(interval);
    at = bucket.end;
  }
  return buckets;
}

/** Rejects a range of too many buckets before anything is read. */
function checkBuckets(
  { interval }: ParsedReportQuery,
  calendar: BucketCalendar,
  { start, end }: AskedSpan,
): void {
  if (start !== null) bucketsOf(calendar, { start, end }, interval);
}

function tooManyBuckets(interval: ReportInterval): UsageQueryError {
  return new UsageQueryError(
    'interval',
    interval,
    `an interval that divides the range into at most ${MAX_BUCKETS} buckets`,
  );
}

function checkRows({ limit, offset }: ParsedReportQuery, { groups, buckets }: Found): void {
  const shown = Math.min(Math.max(groups.size - offset, 0), limit);
  const most = Math.floor(MAX_ROWS / buckets.length);
  if (shown > most)
    throw new UsageQueryError(
      'limit',
      limit,
      `at most ${most} groups of ${buckets.length} buckets each, with page for what follows`,
    );
}

function orderMetrics({ order }: ParsedReportQuery) {
  return order.flatMap(({ by }) => ('metric' in by ? [by.metric] : []));
}

function rangeOf({ start, end }: BucketSpan): UsageReport['range'] {
  return { startDate: new Date(start), endDate: new Date(end - 1) };
}

function sourceOf(counted: readonly Counted[]): UsageReport['source'] {
  const isFromRecords = counted.some((each) => each.isFromRecords);
  if (!counted.some((each) => each.isFromSums)) return 'records';
  return isFromRecords ? 'both' : 'summaries';
}
