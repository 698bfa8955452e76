import {
  byBucket,
  MEASURES,
  measureValues,
  mergeLatency,
  OTHER_KEY,
  type Measure,
} from '../../../summary/index.js';
import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { addToBuckets, lockBuckets, unhandledCount } from './bucket-sizes.js';
import {
  bucketId,
  indexedKey,
  longKey,
  SUM_KEY,
  type BucketKey,
  type SumKey,
} from '../dialects/sum-key.js';
import { capSums, type SumIncrement } from './sum-mapper.js';
import type { KnownRows, WrittenLatencies } from './writer-caches.js';

/** Rows that the cache names as stored are gone. The caller clears the cache and tries again. */
export class VanishedRowsError extends Error {
  override readonly name = 'VanishedRowsError';
}

/** One row to write. */
interface Entry {
  readonly increment: SumIncrement;
  /** The key as it is indexed. */
  readonly key: string;
}

/** The rows to write in one bucket. */
interface Run {
  readonly bucket: Omit<SumKey, 'key'>;
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Whether the bucket may get new rows. */
  readonly isOpen: boolean;
  /** The stored latencies, by indexed key. */
  readonly latencies: Map<string, string>;
}

/**
 * Adds increments to the sums.
 *
 * A writer that adds a row to a bucket locks the bucket first, so that it can count the rows
 * against the cap. A writer that adds to a row locks the row and reads its latency. Lock order:
 * buckets before rows, each sorted by dimension, period, date and key. All writers lock in this
 * order, so they cannot deadlock.
 *
 * @param increments Each row once, in lock order.
 * @param known Rows that this process knows to be stored.
 * @param written The latencies that this connection has written, if nothing else writes through it.
 * @throws {VanishedRowsError} if a row in `known` is not stored any more.
 */
export function* applyIncrements(
  { summaries, buckets }: SqlLayout,
  increments: readonly SumIncrement[],
  maxKeys: number,
  known: KnownRows,
  written: WrittenLatencies | null = null,
): SqlScript {
  if (increments.length === 0) return;
  if (written) yield* written.check();
  const runs = [...byBucket(increments)].map((run) => runOf(run, known, written));
  const open = runs.filter(({ isOpen }) => isOpen);
  const sizes =
    open.length > 0
      ? yield* lockBuckets(
          buckets,
          // Counts of rows without a handler come last. The lock on a bucket covers its count.
          [...open.map(({ bucket }) => bucket), ...open.flatMap(unhandledCountOf)],
        )
      : new Map<string, number>();
  yield* readLatencies(summaries, runs);

  const writes: SqlRowValues[] = [];
  const added: [BucketKey, number][] = [];
  const addedUnhandled: [BucketKey, number][] = [];
  for (const run of runs) {
    const { bucket, latencies, isOpen } = run;
    const entries = isOpen ? withinCap(run, sizes, maxKeys) : run.entries;
    let fresh = 0;
    let unhandled = 0;
    for (const { increment, key } of entries) {
      const stored = latencies.get(key);
      if (stored === undefined) {
        if (!isOpen) throw new VanishedRowsError();
        fresh++;
        if (increment.unhandled) unhandled++;
      }
      const latency =
        stored === undefined ? increment.latency : mergeLatency(stored, increment.latency);
      writes.push(rowOf(increment, key, latency));
      latencies.set(key, latency);
    }
    if (isOpen) known.add(run.id, entries);
    if (fresh > 0) added.push([bucket, fresh]);
    if (unhandled > 0) addedUnhandled.push([unhandledCount(bucket), unhandled]);
  }
  yield* upsertSums(summaries, writes);
  yield* addToBuckets(buckets, [...added, ...addedUnhandled]);
}

function runOf(
  increments: readonly SumIncrement[],
  known: KnownRows,
  written: WrittenLatencies | null,
): Run {
  const { dimension, period, bucket: date } = increments[0]!;
  const bucket = { dimension, period, date };
  const id = bucketId(bucket);
  const entries = increments.map(entryOf);
  return {
    bucket,
    id,
    entries,
    isOpen: !known.hasAll(id, entries),
    latencies: written?.of(id) ?? new Map<string, string>(),
  };
}

/** The key of the count of rows without a handler, if the bucket may get such a row. */
function unhandledCountOf({ bucket, entries }: Run): BucketKey[] {
  return entries.some(({ increment }) => increment.unhandled) ? [unhandledCount(bucket)] : [];
}

/** Locks the rows to write, and reads those latencies that are not known. */
function* readLatencies(summaries: SummaryTable, runs: readonly Run[]): SqlScript {
  const unread = runs.flatMap(({ bucket, entries, isOpen, latencies }) => {
    const keys = isOpen ? withOther(entries) : entries;
    return keys.filter(({ key }) => !latencies.has(key)).map(({ key }) => ({ ...bucket, key }));
  });
  if (unread.length === 0) return;
  const byId = new Map(runs.map((run) => [run.id, run]));
  for (const row of yield* summaries.dialect.lockSums(summaries, unread)) {
    const key = { ...(row as unknown as SumKey), date: Number(row['date']) };
    byId.get(bucketId(key))!.latencies.set(key.key, row['latency'] as string);
  }
}

// The entries of a bucket within the cap. Keys beyond it are folded into `(other)`.
function withinCap(
  { id, bucket, entries, latencies }: Run,
  sizes: ReadonlyMap<string, number>,
  maxKeys: number,
): readonly Entry[] {
  const size = sizes.get(id)!;
  const unhandled = sizes.get(bucketId(unhandledCount(bucket))) ?? 0;
  const keys = new Map(entries.map(({ increment, key }) => [increment.key, key]));
  const has = (key: string) => latencies.has(keys.get(key) ?? OTHER_KEY);
  const increments = entries.map(({ increment }) => increment);
  const kept = capSums(increments, { size, has, unhandled }, maxKeys);
  return kept === increments ? entries : kept.map(entryOf);
}

const mergedBy = (merge: Measure['merge']) =>
  MEASURES.filter((each) => each.merge === merge).map(({ name }) => name);

const ADDED = {
  key: SUM_KEY,
  add: mergedBy('add'),
  min: mergedBy('min'),
  max: mergedBy('max'),
  set: ['latency'],
} as const;

/**
 * Writes sums. Measures are merged with those of the stored row; the latency replaces the stored
 * one.
 */
export function* upsertSums(table: SummaryTable, rows: readonly SqlRowValues[]): SqlScript {
  yield* table.dialect.upsert(table, ADDED, rows);
}

/** The row of an increment, with an indexed key and a latency text. */
export function rowOf(
  increment: Omit<SumIncrement, 'latency'>,
  key: string,
  latency: string,
): SqlRowValues {
  const { dimension, period, bucket } = increment;
  const measures = measureValues(increment).map(clampCount);
  return [dimension, period, bucket, key, longKey(increment.key), ...measures, latency];
}

// A larger number would not be an exact integer, and the database would reject its record each
// time. A measure that is unknown for a row is not finite, and is stored as null.
function clampCount(value: number): number | null {
  return Number.isFinite(value) ? Math.min(value, Number.MAX_SAFE_INTEGER) : null;
}

function entryOf(increment: SumIncrement): Entry {
  return { increment, key: indexedKey(increment.key) };
}

// A bucket that may exceed the cap needs its `(other)` row.
function withOther(entries: readonly { readonly key: string }[]): readonly { key: string }[] {
  if (entries.some(({ key }) => key === OTHER_KEY)) return entries;
  const at = entries.findIndex(({ key }) => key > OTHER_KEY);
  const other = { key: OTHER_KEY };
  return at < 0 ? [...entries, other] : [...entries.slice(0, at), other, ...entries.slice(at)];
}
