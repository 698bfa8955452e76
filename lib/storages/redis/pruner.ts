import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod } from '../../summary/index.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { BucketName, RedisKeys } from './format/redis-keys.js';
import { REMOVE_ROWS } from './format/sum-scripts.js';
import type { RecordWriter } from './records/record-writer.js';
import type { SumRows } from './summaries/sum-rows.js';

const ROWS_AT_ONCE = 500;

/** Deletes records and sums from before an instant, oldest first. */
export class Pruner {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly writer: RecordWriter,
    private readonly rows: SumRows,
  ) {}

  /** @returns The number of deleted records. */
  pruneRecords(before: number): Promise<number> {
    return this.writer.remove({ before });
  }

  deleteRecords(records: readonly UsageRecord[]): Promise<number> {
    return this.writer.delete(records);
  }

  /** @returns The number of deleted rows, of buckets that begin before the instant. */
  async pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    let removed = 0;
    for (const dimension of await this.rows.dimensions()) {
      const range = { first: null, last: before - 1 };
      const buckets = await this.rows.buckets(dimension, period, range);
      for (const bucket of buckets.reverse()) removed += await this.removeBucket(bucket);
    }
    return removed;
  }

  private async removeBucket(name: BucketName): Promise<number> {
    const bucketKeys = [this.keys.buckets(name), this.keys.unhandled(name), this.keys.keys(name)];
    const [keys = []] = await this.rows.keysOf([name]);
    let removed = 0;
    for (let at = 0; at < keys.length || at === 0; at += ROWS_AT_ONCE) {
      const rows = keys.slice(at, at + ROWS_AT_ONCE).map((key) => this.keys.sums(name, key));
      const args = [String(name.bucket)];
      removed += Number(await this.connection.run(REMOVE_ROWS, [...bucketKeys, ...rows], args));
    }
    return removed;
  }
}
