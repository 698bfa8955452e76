import { MEASURES, type MeasureName } from '../../../summary/index.js';
import type {
  BucketTotal,
  ScannedSum,
  ScannedSums,
  SumScanQuery,
} from '../../base/base-storage.js';
import type { BucketName } from '../format/redis-keys.js';
import { mergedSumOf } from './sum-mapper.js';
import { parts, type SumRows } from './sum-rows.js';

/** Buckets whose keys one call reads. */
const BUCKETS_AT_ONCE = 20;
/** Rows that one call adds up. */
const ROWS_AT_ONCE = 500;
/** Calls in flight at once. */
const CALLS_AT_ONCE = 10;
/** Rows whose names are held at once, and among which those of one key are found. */
const NAMED_AT_ONCE = 20_000;

const ALL_MEASURES: ReadonlySet<MeasureName> = new Set(MEASURES.map(({ name }) => name));

/** What of rows is read. */
type Wanted = Pick<SumScanQuery, 'withLatency' | 'measures' | 'keys'>;

interface Run {
  readonly name: BucketName;
  readonly keys: readonly string[];
}

/** Adds up rows where they are stored. */
export class MergedRows {
  constructor(private readonly rows: SumRows) {}

  /** What the rows of each bucket count together. */
  async totals(buckets: readonly BucketName[]): Promise<BucketTotal[]> {
    const totals = new Map<number, { hits: number; measured: number }>();
    for await (const runs of this.runs(buckets)) {
      const pieces = runs.flatMap(({ name, keys }) =>
        [...parts(keys, ROWS_AT_ONCE)].map((some): Run => ({ name, keys: some })),
      );
      const calls = inCalls(pieces, ({ keys }) => keys.length);
      for (const some of parts(calls, CALLS_AT_ONCE)) {
        const found = await Promise.all(some.map((each) => this.rows.totals(each)));
        for (const [index, each] of some.entries())
          for (const [at, { name }] of each.entries()) {
            const [hits, measured] = found[index]![at]!;
            const known = totals.get(name.bucket) ?? { hits: 0, measured: 0 };
            totals.set(name.bucket, {
              hits: known.hits + hits,
              measured: known.measured + measured,
            });
          }
      }
    }
    return [...totals].map(([bucket, total]) => ({ bucket, ...total }));
  }

  /** Yields the rows of each key as one, or as few. */
  async *scan(buckets: readonly BucketName[], wanted: Wanted): ScannedSums {
    let held = new Map<string, BucketName[]>();
    let count = 0;
    const { keys: only } = wanted;
    for await (const runs of only ? runsOf(buckets, only) : this.runs(buckets)) {
      for (const { name, keys } of runs) {
        for (const key of keys) {
          const known = held.get(key);
          if (known) known.push(name);
          else held.set(key, [name]);
        }
        count += keys.length;
      }
      if (count < NAMED_AT_ONCE) continue;
      yield* this.merged(held, wanted);
      held = new Map();
      count = 0;
    }
    yield* this.merged(held, wanted);
  }

  private async *merged(
    held: ReadonlyMap<string, readonly BucketName[]>,
    { withLatency, measures = ALL_MEASURES }: Wanted,
  ): ScannedSums {
    const pieces = [...held].flatMap(([key, names]) =>
      [...parts(names, ROWS_AT_ONCE)].map((some) => ({ key, names: some })),
    );
    const calls = inCalls(pieces, ({ names }) => names.length);
    for (const some of parts(calls, CALLS_AT_ONCE)) {
      const replies = await Promise.all(
        some.map((each) => this.rows.merged(each, withLatency, measures)),
      );
      const found: ScannedSum[] = [];
      for (const [index, each] of some.entries())
        for (const [at, { key }] of each.entries()) {
          const row = mergedSumOf(key, replies[index]![at]!);
          if (row) found.push(row);
        }
      yield found;
    }
  }

  /** The keys of buckets, in parts. */
  private async *runs(buckets: readonly BucketName[]): AsyncGenerator<Run[], void, undefined> {
    for (const some of parts(buckets, BUCKETS_AT_ONCE)) {
      const keys = await this.rows.unsortedKeysOf(some);
      yield some.map((name, at) => ({ name, keys: keys[at]! }));
    }
  }
}

/** Some keys of buckets, in parts. Some of them may have no row. */
function* runsOf(
  buckets: readonly BucketName[],
  keys: readonly string[],
): Generator<Run[], void, undefined> {
  for (const some of parts(buckets, BUCKETS_AT_ONCE)) yield some.map((name) => ({ name, keys }));
}

/** Puts pieces together, as many as one call may have rows. */
function inCalls<T>(pieces: readonly T[], rowsOf: (piece: T) => number): T[][] {
  const calls: T[][] = [];
  let count = Infinity;
  for (const piece of pieces) {
    count += rowsOf(piece);
    if (count > ROWS_AT_ONCE) {
      calls.push([]);
      count = rowsOf(piece);
    }
    calls.at(-1)!.push(piece);
  }
  return calls;
}
