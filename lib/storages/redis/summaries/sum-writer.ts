import type { UsageRecord } from '../../../record/index.js';
import {
  byBucket,
  compareClaims,
  OTHER_KEY,
  Summarizer,
  SummaryNotKeptError,
} from '../../../summary/index.js';
import type { UsageStorageContext } from '../../contract/usage-storage.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { packedIncrement } from './sum-mapper.js';

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
