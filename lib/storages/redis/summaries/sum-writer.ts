import type { UsageRecord } from '../../../record/index.js';
import {
  byBucket,
  compareClaims,
  OTHER_KEY,
  Summarizer,
  SummaryNotKeptError,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { UsageStorageContext } from '../../contract/usage-storage.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { BucketName, RedisKeys } from '../format/redis-keys.js';
import { REPLACE_ROWS } from '../format/sum-scripts.js';
import { lostLock } from './sum-lock.js';
import { packedIncrement, packedRow } from './sum-mapper.js';

const BUCKETS_AT_ONCE = 20;

/** What a batch adds to the sums, as the script that stores takes it. */
export interface IncrementArguments {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly buckets: number;
  readonly rows: number;
}

/** The summaries that a storage keeps. */
export class RedisSummaries {
  readonly summarizer: Summarizer;

  constructor(
    readonly storageName: string,
    private readonly keys: RedisKeys,
    { summaries, timeZone, logger }: UsageStorageContext,
    readonly maxKeys: number,
  ) {
    this.summarizer = new Summarizer({
      summaries,
      timeZone,
      onKeyError: (error) => {
        logger.warn(error.message);
      },
    });
  }

  increments(records: readonly UsageRecord[]): IncrementArguments {
    const keys: string[] = [];
    const args: string[] = [];
    let [buckets, rows] = [0, 0];
    for (const run of byBucket(this.summarizer.summarize(records))) {
      const bucket = run[0]!;
      keys.push(
        this.keys.buckets(bucket),
        this.keys.unhandled(bucket),
        this.keys.keys(bucket),
        this.keys.sums(bucket, OTHER_KEY),
      );
      const handled = run.filter(({ unhandled }) => !unhandled).length;
      args.push(...[bucket.bucket, run.length, handled].map(String));
      for (const increment of run.sort(compareClaims)) {
        keys.push(this.keys.sums(bucket, increment.key));
        args.push(packedIncrement(increment));
      }
      buckets++;
      rows += run.length;
    }
    return { keys, args, buckets, rows };
  }

  /** @throws {SummaryNotKeptError} if no hook of the storage keeps the dimension. */
  checkKept(dimension: string): void {
    const { dimensions } = this.summarizer;
    if (!dimensions.includes(dimension))
      throw new SummaryNotKeptError(dimension, dimensions, this.storageName);
  }
}

export interface Recounted {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
  /** Value of the lock under which they were counted. */
  readonly lock: string;
}

/** A bucket that is written anew. */
interface Rewritten {
  readonly name: BucketName;
  /** Keys of the rows that it has. */
  readonly old: string[];
  readonly rows: SummaryIncrement[];
}

/** Puts rows in the place of those that are stored, bucket by bucket. */
export async function replaceRows(
  connection: RedisConnection,
  keys: RedisKeys,
  { stored, expected, lock }: Recounted,
): Promise<void> {
  const buckets = new Map<string, Rewritten>();
  const entry = ({ dimension, period, bucket }: BucketName) => {
    const name = { dimension, period, bucket };
    const key = keys.keys(name);
    if (!buckets.has(key)) buckets.set(key, { name, old: [], rows: [] });
    return buckets.get(key)!;
  };
  for (const row of stored) {
    const { name, old } = entry(row);
    old.push(keys.sums(name, row.key));
  }
  for (const run of byBucket(expected)) entry(run[0]!).rows.push(...run);
  const all = [...buckets.values()];
  for (let at = 0; at < all.length; at += BUCKETS_AT_ONCE)
    await Promise.all(
      all.slice(at, at + BUCKETS_AT_ONCE).map((bucket) => write(connection, keys, bucket, lock)),
    );
}

async function write(
  connection: RedisConnection,
  keys: RedisKeys,
  { name, old, rows }: Rewritten,
  lock: string,
): Promise<void> {
  const names = [
    keys.lock,
    keys.buckets(name),
    keys.unhandled(name),
    keys.keys(name),
    ...old,
    ...rows.map(({ key }) => keys.sums(name, key)),
  ];
  const unhandled = rows.filter((row) => row.unhandled).length;
  const numbers = [name.bucket, old.length, unhandled].map(String);
  const args = [lock, ...numbers, ...rows.map(packedRow)];
  if ((await connection.run(REPLACE_ROWS, names, args)) !== 'OK') throw lostLock();
}
