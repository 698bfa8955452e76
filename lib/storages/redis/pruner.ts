import type { BucketCalendar, SummaryPeriod } from '../../summary/index.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { BucketName, RedisKeys } from './format/redis-keys.js';
import { REMOVE_ROWS } from './format/sum-scripts.js';
import type { NamedValues } from './named-values.js';
import type { RecordWriter } from './records/record-writer.js';
import type { SumReader } from './summaries/sum-reader.js';

const ROWS_AT_ONCE = 500;

/** Deletes records and sums from before an instant. Each deletion is noted before it begins. */
export class Pruner {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly named: NamedValues,
    private readonly calendar: BucketCalendar,
    private readonly writer: RecordWriter,
    private readonly sums: SumReader,
  ) {}

  /** @returns How many records were deleted. */
  async pruneRecords(before: number): Promise<number> {
    await this.named.notePruned('records', before);
    return this.writer.remove({ before });
  }

  /**
   * Deletes the buckets of a period that ended by an instant.
   *
   * @returns How many rows they had.
   */
  async pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    await this.named.notePruned(period, before);
    const last = this.calendar.start(period, before) - 1;
    let removed = 0;
    for (const dimension of await this.sums.dimensions()) {
      const buckets = await this.sums.buckets(dimension, period, { first: null, last });
      for (const bucket of buckets.reverse()) removed += await this.removeBucket(bucket);
    }
    return removed;
  }

  private async removeBucket(name: BucketName): Promise<number> {
    const bucketKeys = [this.keys.buckets(name), this.keys.unhandled(name), this.keys.keys(name)];
    const [keys = []] = await this.sums.keysOf([name]);
    let removed = 0;
    for (let at = 0; at < keys.length || at === 0; at += ROWS_AT_ONCE) {
      const rows = keys.slice(at, at + ROWS_AT_ONCE).map((key) => this.keys.sums(name, key));
      const args = [String(name.bucket)];
      removed += Number(await this.connection.run(REMOVE_ROWS, [...bucketKeys, ...rows], args));
    }
    return removed;
  }
}
