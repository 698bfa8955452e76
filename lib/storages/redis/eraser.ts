import {
  isNamedKey,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type BucketSpan,
  type Summarizer,
  type SummaryPeriod,
} from '../../summary/index.js';
import { BaseEraser, recordsOf } from '../base/eraser.js';
import type { MonthSet } from '../base/recompute/months.js';
import type { NamedValues } from '../base/named-values.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { RecordReader } from './records/record-reader.js';
import type { RecordWriter } from './records/record-writer.js';
import type { BucketName, RedisKeys } from './format/redis-keys.js';
import { FOLD_ROW } from './format/sum-scripts.js';
import type { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { SumReader } from './summaries/sum-reader.js';
import type { SumRows } from './summaries/sum-rows.js';

const RECORDS_AT_ONCE = 500;

/**
 * Erases a subject, month by month. Writers are locked out of a month until its sums agree with the
 * remaining records.
 */
export class Eraser extends BaseEraser<BucketName> {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    summarizer: Summarizer,
    values: NamedValues,
    protected override readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly rows: SumRows,
    private readonly maintenance: SummaryMaintenance,
  ) {
    super(summarizer, values, records, new SumReader(rows));
  }

  dimensions(): Promise<readonly string[]> {
    return this.rows.dimensions();
  }

  protected async *rowsOf(dimension: string, key: string): AsyncGenerator<BucketName> {
    for (const period of SUMMARY_PERIODS) {
      const buckets = await this.rows.buckets(dimension, period, { first: null, last: null });
      for await (const rows of this.rows.ofKey(buckets, key))
        for (const { name } of rows) yield name;
    }
  }

  protected async deleteRecords(subject: ParsedSubject, months: MonthSet): Promise<number> {
    let count = 0;
    for (const month of months) {
      const work = async () => {
        count += await this.deleteWithin(month, subject);
      };
      if (this.summarizer.dimensions.length === 0) await work();
      else await this.maintenance.rebuildAfter(month, work);
    }
    return count;
  }

  /** Adds the rows of named keys to the `(other)` row of their buckets, and deletes them. */
  async foldKeys(dimension: string, period: SummaryPeriod, before: number): Promise<number> {
    let count = 0;
    const range = { first: null, last: before - 1 };
    for (const name of await this.rows.buckets(dimension, period, range)) {
      const [keys = []] = await this.rows.keysOf([name]);
      for (const key of keys.filter(isNamedKey)) {
        await this.fold([name], key);
        count++;
      }
    }
    return count;
  }

  protected async fold(names: readonly BucketName[], key: string): Promise<void> {
    for (const name of names) {
      const rows = [this.keys.sums(name, key), this.keys.sums(name, OTHER_KEY)];
      await this.connection.run(FOLD_ROW, [this.keys.keys(name), ...rows], []);
    }
  }

  private async deleteWithin({ start, end }: BucketSpan, subject: ParsedSubject): Promise<number> {
    const span = { start: new Date(start), end: new Date(end - 1) };
    const page = { ...recordsOf(subject), ...span, limit: RECORDS_AT_ONCE, offset: 0 };
    for (let count = 0; ;) {
      const records = await this.records.page(page);
      if (records.length === 0) return count;
      count += await this.writer.delete(records);
    }
  }
}
