import {
  decodeLatency,
  encodeLatency,
  isSameMeasures,
  MEASURES,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { BucketTable, SqlLayout } from '../layout/sql-layout.js';
import { PAUSE, SqlBindings, type SqlScript } from '../sql-statement.js';
import { unhandledCount } from './bucket-sizes.js';
import type { RecomputedBucket } from './recompute-month.js';
import { indexedKey, SUM_KEY, type BucketKey } from '../dialects/sum-key.js';
import { sumIncrements } from './sum-mapper.js';
import { countsOf } from './sum-rows.js';
import { rowOf } from './sum-writer.js';

const ROWS_AT_ONCE = 500;
const BUCKET_KEY = ['dimension', 'period', 'date'] as const;

/** The differences between the stored and the expected rows of a bucket. */
export interface Faults {
  /** Expected rows that are missing or stored differently. */
  readonly wanted: readonly SummaryIncrement[];
  /** The stored rows that differ from those in `wanted`. */
  readonly wrong: readonly SqlRow[];
  /** Stored rows that are not expected. */
  readonly extra: readonly SqlRow[];
}

/** Compares the stored rows of a bucket with the expected ones. */
export function* faultsOf({ stored, expected }: RecomputedBucket): SqlScript<Faults> {
  const rest = new Map(stored.map((row) => [keyOf(row), row]));
  const wanted: SummaryIncrement[] = [];
  const wrong: SqlRow[] = [];
  for (let at = 0; at < expected.length; at++) {
    const increment = expected[at]!;
    const row = rest.get(increment.key);
    rest.delete(increment.key);
    if (!row || !isSame(row, increment)) wanted.push(increment);
    if (row && wanted.at(-1) === increment) wrong.push(row);
    if (at % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield PAUSE;
  }
  return { wanted, wrong, extra: [...rest.values()] };
}

/**
 * Corrects the rows of a bucket: deletes those that are not expected and writes those that are
 * missing or wrong. Correct rows are not written.
 */
export function* correctBucket(
  { summaries, buckets }: SqlLayout,
  recomputed: RecomputedBucket,
): SqlScript {
  const { bucket, noted, notedUnhandled, expected } = recomputed;
  const { wanted, extra } = yield* faultsOf(recomputed);
  for (let at = 0; at < extra.length; at += ROWS_AT_ONCE) {
    const keys = extra.slice(at, at + ROWS_AT_ONCE).map((row) => row['key'] as string);
    const bindings = new SqlBindings(summaries.dialect);
    const terms = BUCKET_KEY.map(
      (each) => `${summaries.column(each)} = ${bindings.add(bucket[each])}`,
    );
    const list = keys.map((key) => bindings.add(key)).join(', ');
    yield {
      sql:
        `delete from ${summaries.path} where ${terms.join(' and ')} ` +
        `and ${summaries.column('key')} in (${list})`,
      values: bindings.values,
    };
  }
  for (let at = 0; at < wanted.length; at += ROWS_AT_ONCE) {
    const part = sumIncrements(wanted.slice(at, at + ROWS_AT_ONCE));
    const rows = part.map((sum) => rowOf(sum, indexedKey(sum.key), sum.latency));
    yield* summaries.dialect.upsert(
      summaries,
      {
        key: SUM_KEY,
        add: [],
        set: ['longKey', ...MEASURES.map(({ name }) => name), 'latency'],
      },
      rows,
    );
  }
  const unhandled = expected.filter((row) => row.unhandled).length;
  yield* noteSize(buckets, bucket, expected.length, noted);
  yield* noteSize(buckets, unhandledCount(bucket), unhandled, notedUnhandled);
}

function* noteSize(
  table: BucketTable,
  bucket: BucketKey,
  size: number,
  noted: number | null,
): SqlScript {
  if (size === noted || (size === 0 && noted === null)) return;
  const { dialect } = table;
  if (size > 0) {
    const row = [bucket.dimension, bucket.period, bucket.date, size];
    yield* dialect.upsert(table, { key: BUCKET_KEY, add: [], set: ['keys'] }, [row]);
    return;
  }
  const bindings = new SqlBindings(dialect);
  const terms = BUCKET_KEY.map((each) => `${table.column(each)} = ${bindings.add(bucket[each])}`);
  yield { sql: `delete from ${table.path} where ${terms.join(' and ')}`, values: bindings.values };
}

function isSame(row: SqlRow, increment: SummaryIncrement) {
  return (
    isSameMeasures(countsOf(row), increment) &&
    isSameLatency(row['latency'] as string, encodeLatency(increment.latency))
  );
}

// The same latencies may be stored in another text.
function isSameLatency(stored: string, expected: string): boolean {
  return stored === expected || encodeLatency(decodeLatency(stored)) === expected;
}

function keyOf(row: SqlRow): string {
  return (row['long_key'] ?? row['key']) as string;
}
