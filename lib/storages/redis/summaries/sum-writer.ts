import type { UsageRecord } from '../../../record/index.js';
import {
  byBucket,
  compareClaims,
  OTHER_KEY,
  type Summarizer,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { BucketName, RedisKeys } from '../format/redis-keys.js';
import { REPLACE_ROWS } from '../format/sum-scripts.js';
import { lockLostError } from './sum-lock.js';
import { packedIncrement, packedRow } from './sum-mapper.js';

const BUCKETS_AT_ONCE = 20;

/** What a batch adds to the sums, as the script that stores takes it. */
export interface IncrementArguments {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly buckets: number;
  readonly rows: number;
}

/** Stored and expected sums. */
export interface Recomputed {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
  /** Value of the lock under which the sums were recomputed. */
  readonly lock: string;
}

interface ReplacedBucket {
  readonly name: BucketName;
  /** Keys of the stored rows. */
  readonly old: string[];
  readonly rows: SummaryIncrement[];
}

/** Encodes what batches add to the sums, and replaces rows. */
export class SumWriter {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    readonly summarizer: Summarizer,
    readonly maxKeys: number,
  ) {}

  /** Returns what records add to the sums, for the script that stores them. */
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

  /**
   * Replaces stored rows, bucket by bucket.
   *
   * @throws {StorageUnavailableError} if the lock is lost.
   */
  async replaceRows({ stored, expected, lock }: Recomputed): Promise<void> {
    const buckets = new Map<string, ReplacedBucket>();
    const entry = ({ dimension, period, bucket }: BucketName) => {
      const name = { dimension, period, bucket };
      const key = this.keys.keys(name);
      if (!buckets.has(key)) buckets.set(key, { name, old: [], rows: [] });
      return buckets.get(key)!;
    };
    for (const row of stored) {
      const { name, old } = entry(row);
      old.push(this.keys.sums(name, row.key));
    }
    for (const run of byBucket(expected)) entry(run[0]!).rows.push(...run);
    const all = [...buckets.values()];
    for (let at = 0; at < all.length; at += BUCKETS_AT_ONCE)
      await Promise.all(
        all.slice(at, at + BUCKETS_AT_ONCE).map((bucket) => this.replaceBucket(bucket, lock)),
      );
  }

  private async replaceBucket({ name, old, rows }: ReplacedBucket, lock: string): Promise<void> {
    const { keys } = this;
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
    if ((await this.connection.run(REPLACE_ROWS, names, args)) !== 'OK') throw lockLostError();
  }
}
