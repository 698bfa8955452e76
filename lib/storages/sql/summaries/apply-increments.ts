import {
  byBucket,
  capKeys,
  encodeLatency,
  mergeLatency,
  OTHER_KEY,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import type { KnownRows } from './known-rows.js';
import { addToBuckets, lockBuckets } from './lock-buckets.js';
import { bucketId, longKey, rowId, SUM_KEY, sumKeyOf, type SumKey } from './sum-key.js';

/** Rows that were known to be there are gone: try again, knowing of none. */
export class VanishedRowsError extends Error {
  override readonly name = 'VanishedRowsError';
}

interface Run {
  readonly bucket: SumKey;
  readonly increments: readonly SummaryIncrement[];
  readonly keys: readonly SumKey[];
}

/**
 * Adds increments to the sums.
 *
 * Whoever adds a row to a bucket has locked the bucket first, so that the rows can be counted
 * against the cap; whoever adds to a row has locked the row and read its latency. Everything is
 * locked in one order: buckets before rows, each in the order of writers.
 *
 * @param increments Each row once, in the order of writers.
 */
export function* applyIncrements(
  { summaries, buckets }: SqlLayout,
  increments: readonly SummaryIncrement[],
  maxKeys: number,
  known: KnownRows,
): SqlScript {
  if (increments.length === 0) return;
  const runs = [...byBucket(increments)].map(runOf);
  const open = runs.filter(({ keys }) => !keys.every((key) => known.has(rowId(key))));
  const sizes =
    open.length > 0
      ? yield* lockBuckets(
          buckets,
          open.map(({ bucket }) => bucket),
        )
      : new Map<string, number>();

  const wanted = runs.flatMap((run) => (open.includes(run) ? withOther(run) : run.keys));
  const held = new Map<string, string>();
  for (const row of yield* summaries.dialect.lockSums(summaries, wanted)) {
    const key = { ...(row as unknown as SumKey), date: Number(row['date']) };
    held.set(rowId(key), row['latency'] as string);
  }

  const writes: SqlRowValues[] = [];
  const added: [SumKey, number][] = [];
  for (const { bucket, increments: run } of runs) {
    const idOf = (key: string) => rowId(sumKeyOf({ ...bucket, bucket: bucket.date, key }));
    const size = sizes.get(bucketId(bucket));
    if (size === undefined && !run.every(({ key }) => held.has(idOf(key))))
      throw new VanishedRowsError();
    const kept =
      size === undefined ? run : capKeys(run, { size, has: (key) => held.has(idOf(key)) }, maxKeys);
    let fresh = 0;
    for (const increment of kept) {
      const id = idOf(increment.key);
      const latency = held.get(id);
      if (latency === undefined) fresh++;
      writes.push(rowOf(increment, latency));
      known.add(id);
    }
    if (fresh > 0) added.push([bucket, fresh]);
  }
  yield* upsertSums(summaries, writes);
  yield* addToBuckets(buckets, added);
}

/** Writes sums: counts are added to those of the row that is there, latency replaces its own. */
export function* upsertSums(table: SummaryTable, rows: readonly SqlRowValues[]): SqlScript {
  yield* table.dialect.upsert(
    table,
    { key: SUM_KEY, add: ['hits', 'transfer', 'errors', 'duration'], set: ['latency'] },
    rows,
  );
}

/** The row of an increment, its latency added to the one that is stored. */
export function rowOf(increment: SummaryIncrement, stored?: string): SqlRowValues {
  const { dimension, period, date, key } = sumKeyOf(increment);
  const { hits, transfer, errors, duration, latency } = increment;
  return [
    dimension,
    period,
    date,
    key,
    longKey(increment.key),
    hits,
    transfer,
    errors,
    duration,
    stored === undefined ? encodeLatency(latency) : mergeLatency(stored, latency),
  ];
}

function runOf(increments: readonly SummaryIncrement[]): Run {
  const keys = increments.map(sumKeyOf);
  return { bucket: keys[0]!, increments, keys };
}

// A bucket that may overflow needs its row for what is over.
function withOther({ bucket, keys }: Run): readonly SumKey[] {
  if (keys.some(({ key }) => key === OTHER_KEY)) return keys;
  const at = keys.findIndex(({ key }) => key > OTHER_KEY);
  const other = { ...bucket, key: OTHER_KEY };
  return at < 0 ? [...keys, other] : [...keys.slice(0, at), other, ...keys.slice(at)];
}
