import {
  byBucket,
  capKeys,
  encodeLatency,
  mergeLatency,
  OTHER_KEY,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlRow } from '../layout/column.js';
import type { SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import type { KnownRows } from './known-rows.js';
import { addToBuckets, lockBuckets } from './lock-buckets.js';
import type { WrittenLatencies } from './written-latencies.js';
import { bucketId, longKey, rowId, SUM_KEY, sumKeyOf, type SumKey } from './sum-key.js';

/** Rows that were known to be there are gone: try again, knowing of none. */
export class VanishedRowsError extends Error {
  override readonly name = 'VanishedRowsError';
}

/** One row that is written. */
interface Entry {
  readonly increment: SummaryIncrement;
  readonly key: SumKey;
  readonly id: string;
}

/**
 * Adds increments to the sums.
 *
 * Whoever adds a row to a bucket has locked the bucket first, so that the rows can be counted
 * against the cap; whoever adds to a row has locked the row and read its latency. Everything is
 * locked in one order: buckets before rows, each in the order of writers.
 *
 * @param increments Each row once, in the order of writers.
 * @param written What this connection wrote last, where nobody else writes by it.
 */
export function* applyIncrements(
  { summaries, buckets }: SqlLayout,
  increments: readonly SummaryIncrement[],
  maxKeys: number,
  known: KnownRows,
  written: WrittenLatencies | null = null,
): SqlScript {
  if (increments.length === 0) return;
  if (written) yield* written.check();
  const runs = [...byBucket(increments)].map((run) => run.map(entryOf));
  const open = new Set(runs.filter((run) => !run.every(({ id }) => known.has(id))));
  const sizes =
    open.size > 0
      ? yield* lockBuckets(
          buckets,
          [...open].map((run) => run[0]!.key),
        )
      : new Map<string, number>();

  const wanted = runs.flatMap((run) => {
    const keys = run.map(({ key }) => key);
    return open.has(run) ? withOther(keys) : keys;
  });
  const latencies = new Map<string, string>();
  const unread = written ? written.fill(latencies, wanted) : wanted;
  for (const row of yield* summaries.dialect.lockSums(summaries, unread))
    latencies.set(rowId(keyOfRow(row)), row['latency'] as string);

  const writes: SqlRowValues[] = [];
  const added: [SumKey, number][] = [];
  for (const run of runs) {
    const bucket = run[0]!.key;
    const entries = open.has(run)
      ? withinCap(run, sizes.get(bucketId(bucket))!, maxKeys, latencies)
      : run;
    let fresh = 0;
    for (const { increment, key, id } of entries) {
      const latency = latencies.get(id);
      if (latency === undefined) {
        if (!open.has(run)) throw new VanishedRowsError();
        fresh++;
      }
      const row = rowOf(increment, key, latency);
      writes.push(row);
      written?.note(id, row);
      known.add(id);
    }
    if (fresh > 0) added.push([bucket, fresh]);
  }
  yield* upsertSums(summaries, writes);
  yield* addToBuckets(buckets, added);
}

// The entries of a bucket that has so many rows, with (other) for what it has no room for.
function withinCap(
  run: readonly Entry[],
  size: number,
  maxKeys: number,
  latencies: ReadonlyMap<string, string>,
): readonly Entry[] {
  const ids = new Map(run.map(({ increment, id }) => [increment.key, id]));
  const other = rowId({ ...run[0]!.key, key: OTHER_KEY });
  const has = (key: string) => latencies.has(ids.get(key) ?? other);
  const increments = run.map(({ increment }) => increment);
  const kept = capKeys(increments, { size, has }, maxKeys);
  return kept === increments ? run : kept.map(entryOf);
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
export function rowOf(
  increment: SummaryIncrement,
  { dimension, period, date, key }: SumKey,
  stored?: string,
): SqlRowValues {
  const { hits, transfer, errors, duration, latency } = increment;
  return [
    dimension,
    period,
    date,
    key,
    longKey(increment.key),
    storable(hits),
    storable(transfer),
    storable(errors),
    storable(duration),
    stored === undefined ? encodeLatency(latency) : mergeLatency(stored, latency),
  ];
}

// A larger number would be no whole number any more, and its record would be refused for ever.
function storable(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

function entryOf(increment: SummaryIncrement): Entry {
  const key = sumKeyOf(increment);
  return { increment, key, id: rowId(key) };
}

function keyOfRow(row: SqlRow): SumKey {
  return { ...(row as unknown as SumKey), date: Number(row['date']) };
}

// A bucket that may overflow needs its row for what is over.
function withOther(keys: readonly SumKey[]): readonly SumKey[] {
  if (keys.some(({ key }) => key === OTHER_KEY)) return keys;
  const at = keys.findIndex(({ key }) => key > OTHER_KEY);
  const other = { ...keys[0]!, key: OTHER_KEY };
  return at < 0 ? [...keys, other] : [...keys.slice(0, at), other, ...keys.slice(at)];
}
