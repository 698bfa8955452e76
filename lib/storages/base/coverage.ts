import {
  RECORD_COUNT,
  type BucketCalendar,
  type BucketRange,
  type BucketSpan,
  type SummaryPeriod,
} from '../../summary/index.js';
import {
  mergeSpans,
  minusSpans,
  readCoverage,
  unverifiedSpans,
  type Coverage,
} from './coverage-note.js';
import { readPruned } from './named-values.js';
import { firstWhole } from './recompute/bucket-ranges.js';
import type { BaseStorageParts, BucketTotal, SumRangeQuery } from './storage-parts.js';
import { UnmeasuredBuckets } from './unmeasured-buckets.js';

/** The parts of a storage that tell which sums are complete. */
export type CoverageParts = Pick<BaseStorageParts, 'summarizer' | 'sums' | 'values'>;

/** Some buckets of one summary. */
export interface CoverageQuery {
  /** A kept summary, or `RECORD_COUNT`, the count of all records. */
  readonly summary: string;
  readonly period: SummaryPeriod;
  /** Any instant of the first and of the last bucket, in milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** The measures that have to be complete: `'format1'` are those that version 0.1.0 wrote. */
  readonly needs: 'all' | 'format1';
}

/** What lies in a bucket beyond what processes of this version have counted. */
interface Excess {
  least: number;
  most: number;
}

/**
 * The buckets of a summary that count every record ever stored in them. A bucket without any
 * records is complete too, and one whose sums have been pruned is not.
 *
 * A bucket is complete if the summary counts as many requests there as the count of all records,
 * if that count was kept by all processes that stored there, and if version 0.1.0, which does not
 * keep it, has written nothing that the summary lacks. Version 0.1.0 shows by rows of the summaries
 * that this process keeps, with more `hits` than `measured`. If it keeps none of them, it does not
 * show. Rows of other summaries are no evidence: no rebuild by this process would ever mend them.
 *
 * @param unmeasured What version 0.1.0 has counted, if it was read before.
 * @returns Spans of adjacent complete buckets, in order.
 */
export async function completeBuckets(
  parts: CoverageParts,
  query: CoverageQuery,
  unmeasured = new UnmeasuredBuckets(parts),
): Promise<BucketSpan[]> {
  const { summarizer, values } = parts;
  const { calendar, dimensions, countsRecords } = summarizer;
  const { summary, period, first, last, needs } = query;
  const noted = await unmeasured.noted();
  if (!noted || noted.since === null || !countsRecords || !dimensions.includes(summary)) return [];
  const start = Math.max(
    calendar.start(period, first),
    firstWhole(calendar, period, noted.since) ?? -Infinity,
  );
  const { end } = calendar.bucket(period, last);
  if (start >= end) return [];

  const range = { first: start, last: end - 1 };
  // Read before what is counted: a rebuild takes away what shows version 0.1.0.
  const excess = await excessIn(parts.summarizer, unmeasured, summary, period, range);
  const counted = await countedIn(parts, summary, period, range);
  const own = new Map<number, number>();
  for (const { bucket, hits, measured } of counted.own) {
    own.set(bucket, hits - measured);
    add(excess, bucket, hits - measured);
  }
  const wrong = [...counted.apart];
  for (const [bucket, { least, most }] of excess)
    if (least < 0 || most > (needs === 'format1' ? (own.get(bucket) ?? 0) : 0)) wrong.push(bucket);
  // Read last: a process notes an hour before it stores there, and what it prunes before it deletes.
  const [{ [period]: pruned }, known] = await Promise.all([
    readPruned(values),
    readCoverage(values),
  ]);
  return minusSpans(
    notedBuckets(calendar, period, { start, end }, { coverage: known, pruned }),
    mergeSpans(
      wrong.map((bucket) => calendar.bucket(period, bucket)),
      Infinity,
    ),
  );
}

/** What is noted of the buckets of a period. */
export interface BucketNotes {
  /** Null: nothing is known. */
  readonly coverage: Coverage | null;
  /** Sums from before this instant are pruned. Undefined: none are. */
  readonly pruned: number | undefined;
}

/**
 * The buckets of a span that may be complete, as far as notes tell: all of their records are counted
 * by processes that count all records, and their sums are not pruned.
 */
export function notedBuckets(
  calendar: BucketCalendar,
  period: SummaryPeriod,
  { start, end }: BucketSpan,
  { coverage, pruned }: BucketNotes,
): BucketSpan[] {
  if (!coverage || coverage.since === null) return [];
  const gaps = [
    { start: -Infinity, end: firstWhole(calendar, period, coverage.since) ?? -Infinity },
    ...(pruned === undefined ? [] : [{ start: -Infinity, end: calendar.start(period, pruned) }]),
    ...unverifiedSpans(coverage).map((span) => ({
      start: calendar.start(period, span.start),
      end: calendar.bucket(period, span.end - 1).end,
    })),
  ];
  return minusSpans([{ start, end }], mergeSpans(gaps, Infinity));
}

const NONE: Excess = { least: 0, most: 0 };

/** The totals of a summary, and the buckets in which they differ from the count of all records. */
async function countedIn(
  { sums }: CoverageParts,
  summary: string,
  period: SummaryPeriod,
  range: BucketRange,
): Promise<{ own: BucketTotal[]; apart: Set<number> }> {
  const [before, own, after] = await totalsBeside(sums, summary, { period, range });
  const apart = new Set<number>();
  for (const [some, others] of [
    [before, own],
    [own, after],
  ] as const) {
    const rest = new Map(others.map(({ bucket, measured }) => [bucket, measured]));
    for (const { bucket, measured } of some) {
      if ((rest.get(bucket) ?? 0) !== measured) apart.add(bucket);
      rest.delete(bucket);
    }
    for (const [bucket, measured] of rest) if (measured !== 0) apart.add(bucket);
  }
  return { own, apart };
}

/** The totals of all records, those of a summary, and those of all records as of after them. */
async function totalsBeside(
  sums: CoverageParts['sums'],
  summary: string,
  query: Pick<SumRangeQuery, 'period' | 'range'>,
): Promise<readonly [BucketTotal[], BucketTotal[], BucketTotal[]]> {
  if (sums.totalsAtOnce) {
    const dimensions = [RECORD_COUNT, summary];
    const [all, own] = await sums.totalsAtOnce({ dimensions, ...query });
    return [all!, own!, all!];
  }
  const read = (dimension: string) => sums.totals({ dimension, ...query });
  // Read before and after: what is stored in between must not make up for what a summary lacks.
  return [await read(RECORD_COUNT), await read(summary), await read(RECORD_COUNT)];
}

/**
 * What version 0.1.0 has written, as the other summaries show it. Months are looked at first: they
 * have the fewest rows, and a rebuild of a part of such a month notes the rest.
 */
async function excessIn(
  { calendar }: CoverageParts['summarizer'],
  unmeasured: UnmeasuredBuckets,
  summary: string,
  period: SummaryPeriod,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<Map<number, Excess>> {
  const excess = new Map<number, Excess>();
  const [firstMonth, lastMonth] = [calendar.start('month', first), calendar.start('month', last)];
  const suspect = new Map<string, BucketSpan[]>();
  for (const { dimension, bucket } of await unmeasured.ofMonths({
    first: firstMonth,
    last: lastMonth,
  }))
    suspect.set(dimension, [...(suspect.get(dimension) ?? []), calendar.bucket('month', bucket)]);
  // The months before are pruned, and show nothing.
  const pruned = await unmeasured.prunedMonths();
  const unknown =
    pruned === undefined ? [] : [{ start: first, end: calendar.start('month', pruned) }];
  for (const { start, end } of mergeSpans([...suspect.values(), unknown].flat(), Infinity)) {
    const range = { first: Math.max(start, first), last: Math.min(end - 1, last) };
    if (range.first > range.last) continue;
    for (const { dimension, bucket, more } of await unmeasured.in(period, range)) {
      if (dimension === summary || dimension === RECORD_COUNT) continue;
      const spans = [...(suspect.get(dimension) ?? []), ...unknown];
      if (spans.some((span) => bucket >= span.start && bucket < span.end))
        add(excess, bucket, more);
    }
  }
  return excess;
}

function add(excess: Map<number, Excess>, bucket: number, more: number): void {
  if (more === 0) return;
  const known = excess.get(bucket) ?? NONE;
  excess.set(bucket, {
    least: Math.min(known.least, more),
    most: Math.max(known.most, more),
  });
}
