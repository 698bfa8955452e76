import type { UsageRecord } from '../../../record/index.js';
import {
  SUMMARY_PERIODS,
  type BucketSpan,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { rangesWithin, type BucketRanges } from '../../recount/bucket-ranges.js';
import { Recount } from '../../recount/recount.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { RecordQueries, type RecordPosition } from '../records/record-queries.js';
import { recordOfRow } from '../records/record-row.js';
import type { SqlResult, SqlScript } from '../sql-statement.js';
import { rowOf, upsertSums } from './apply-increments.js';
import { addToBuckets } from './lock-buckets.js';
import { sumIncrements } from './sum-increment.js';
import { indexedKey, keysByBucket, sumKeyOf, type BucketKey } from './sum-key.js';
import { unhandledCount, unhandledPeriod } from './unhandled-rows.js';
import { sumOfRow, SumQueries } from './sum-queries.js';

const RECORDS_AT_ONCE = 1000;
const ROWS_AT_ONCE = 500;

/** The sums of a month as they are stored, and as the records say. */
export interface RecountedMonth {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
}

/**
 * Sums up the records of a month. No sums are written from here to the end of the transaction.
 *
 * @param ranges The buckets that are asked for, those of other months among them.
 */
export function* recountMonth(
  layout: SqlLayout,
  summarizer: Summarizer,
  maxKeys: number,
  month: BucketSpan,
  ranges: BucketRanges,
): SqlScript<RecountedMonth> {
  yield* layout.records.dialect.stopWriters(layout);
  const ofMonth = rangesWithin(month, ranges);
  const queries = new SumQueries(layout.summaries);
  const stored: SummaryIncrement[] = [];
  for (const dimension of summarizer.dimensions)
    for (const period of SUMMARY_PERIODS)
      for (const row of (yield queries.rows(dimension, period, ofMonth[period])).rows)
        stored.push(sumOfRow(row));

  const recount = new Recount(summarizer, ofMonth, maxKeys, stored);
  const span = { start: new Date(month.start), end: new Date(month.end - 1) };
  yield* eachPage(layout, span, (page) => recount.add(page));
  return { stored, expected: recount.rows() };
}

/** Reads the records of a time, the oldest first, a page after the other. */
export function* eachPage(
  layout: SqlLayout,
  span: { readonly start: Date; readonly end: Date },
  use: (page: readonly UsageRecord[]) => void,
): SqlScript {
  const records = new RecordQueries(layout.records);
  let last: RecordPosition | null = null;
  for (;;) {
    const { rows }: SqlResult = yield records.next(last, RECORDS_AT_ONCE, { ...span, where: [] });
    const page: UsageRecord[] = rows.map(recordOfRow);
    use(page);
    last = page.at(-1) ?? last;
    if (rows.length < RECORDS_AT_ONCE) return;
  }
}

/** Puts the sums of a month in the place of those that are stored. */
export function* replaceMonth(
  { summaries, buckets }: SqlLayout,
  dimensions: readonly string[],
  month: BucketSpan,
  ranges: BucketRanges,
  sums: readonly SummaryIncrement[],
): SqlScript {
  const ofMonth = rangesWithin(month, ranges);
  for (const table of [summaries, buckets] as const)
    for (const dimension of dimensions)
      for (const [name, period] of periodsOf(table === buckets)) {
        const { first, last } = ofMonth[period];
        const { dialect } = table;
        const sql =
          `delete from ${table.path} where ${table.column('dimension')} = ${dialect.placeholder(1)} ` +
          `and ${table.column('period')} = ${dialect.placeholder(2)} ` +
          `and ${table.column('date')} between ${dialect.placeholder(3)} and ${dialect.placeholder(4)}`;
        yield { sql, values: [dimension, name, first, last] };
      }
  for (let at = 0; at < sums.length; at += ROWS_AT_ONCE) {
    const part = sumIncrements(sums.slice(at, at + ROWS_AT_ONCE));
    const rows = part.map((sum) => rowOf(sum, indexedKey(sum.key), sum.latency));
    yield* upsertSums(summaries, rows);
  }
  const counts = [
    ...sizesOf(sums),
    ...sizesOf(sums.filter(({ unhandled }) => unhandled)).map(
      ([bucket, size]) => [unhandledCount(bucket), size] as const,
    ),
  ];
  for (let at = 0; at < counts.length; at += ROWS_AT_ONCE)
    yield* addToBuckets(buckets, counts.slice(at, at + ROWS_AT_ONCE));
}

/** The periods of a table, as it names them. That of buckets counts rows of two kinds. */
function periodsOf(isBuckets: boolean): [name: SummaryPeriod, period: SummaryPeriod][] {
  return SUMMARY_PERIODS.flatMap((period): [SummaryPeriod, SummaryPeriod][] =>
    isBuckets
      ? [
          [period, period],
          [unhandledPeriod(period), period],
        ]
      : [[period, period]],
  );
}

function sizesOf(sums: readonly SummaryIncrement[]): [BucketKey, number][] {
  return keysByBucket(sums.map(sumKeyOf)).map((run) => [run[0]!, run.length]);
}
