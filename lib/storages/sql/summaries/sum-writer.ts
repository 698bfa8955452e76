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

/** Rows that were known to be there are gone: try again, knowing of none. */
export class VanishedRowsError extends Error {
  override readonly name = 'VanishedRowsError';
}

/** One row that is written. */
interface Entry {
  readonly increment: SumIncrement;
  /** As it is indexed. */
  readonly key: string;
}

/** The rows of one bucket. */
interface Run {
  readonly bucket: Omit<SumKey, 'key'>;
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Whether it may get rows that are not there yet. */
  readonly isOpen: boolean;
  /** What is stored, by key. */
  readonly latencies: Map<string, string>;
}

/**
 * Adds increments to the sums.
 *
 * Whoever adds a row to a bucket has locked the bucket first, so that the rows can be counted
 * against the cap; whoever adds to a row has locked the row and read its latency. Everything is
 * locked in one order: buckets before rows, each sorted by key.
 *
 * @param increments Each row once, in lock order.
 * @param written What this connection wrote last, where nobody else writes by it.
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
          // The counts come last: a bucket's own is locked by it.
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

/** Where it is counted how many rows of requests without a handler a bucket has, if it may get one. */
function unhandledCountOf({ bucket, entries }: Run): BucketKey[] {
  return entries.some(({ increment }) => increment.unhandled) ? [unhandledCount(bucket)] : [];
}

/** Locks the rows that are to be written, and reads the latencies that are not known. */
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

// The entries of a bucket that has so many rows, with (other) for what it has no room for.
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

/** Writes sums: measures are merged with those of the row that is there, latency replaces its own. */
export function* upsertSums(table: SummaryTable, rows: readonly SqlRowValues[]): SqlScript {
  yield* table.dialect.upsert(table, ADDED, rows);
}

/** The row of an increment, under a key as it is indexed, with its latency. */
export function rowOf(
  increment: Omit<SumIncrement, 'latency'>,
  key: string,
  latency: string,
): SqlRowValues {
  const { dimension, period, bucket } = increment;
  const measures = measureValues(increment).map(clampCount);
  return [dimension, period, bucket, key, longKey(increment.key), ...measures, latency];
}

// A larger number would be no whole number any more, and its record would be refused for ever. What
// is not known of a row is not finite.
function clampCount(value: number): number | null {
  return Number.isFinite(value) ? Math.min(value, Number.MAX_SAFE_INTEGER) : null;
}

function entryOf(increment: SumIncrement): Entry {
  return { increment, key: indexedKey(increment.key) };
}

// A bucket that may overflow needs its row for what is over.
function withOther(entries: readonly { readonly key: string }[]): readonly { key: string }[] {
  if (entries.some(({ key }) => key === OTHER_KEY)) return entries;
  const at = entries.findIndex(({ key }) => key > OTHER_KEY);
  const other = { key: OTHER_KEY };
  return at < 0 ? [...entries, other] : [...entries.slice(0, at), other, ...entries.slice(at)];
}
