import {
  OTHER_KEY,
  SUMMARY_PERIODS,
  type BucketSpan,
  type Summarizer,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { RecordReader } from './records/record-reader.js';
import type { RecordWriter } from './records/record-writer.js';
import type { BucketName, RedisKeys } from './format/redis-keys.js';
import { FOLD_ROW } from './format/sum-scripts.js';
import type { NamedValues } from './named-values.js';
import type { SummaryMaintenance } from './summaries/summary-maintenance.js';
import type { SumReader } from './summaries/sum-reader.js';
import type { ParsedSubject } from '../base/parse-subject.js';

const RECORDS_AT_ONCE = 500;

/**
 * Deletes the records of a subject, month by month, with writers kept out of the month until its
 * sums are those of the records that stay.
 */
export class Eraser {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly summarizer: Summarizer,
    private readonly named: NamedValues,
    private readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly sums: SumReader,
    private readonly keeper: SummaryMaintenance,
  ) {}

  /** @returns How many records there were. */
  async forget(subject: ParsedSubject): Promise<number> {
    const pruned = await this.named.readPruned();
    const forgotten = new ErasedRows(subject, this.summarizer, pruned);
    const { folded, months } = await this.rows(forgotten);
    for (const date of await this.dates(subject)) this.addMonth(months, date);
    let count = 0;
    for (const month of months.values()) {
      const work = async () => {
        count += await this.deleteWithin(month, subject);
      };
      if (this.summarizer.dimensions.length === 0) await work();
      else await this.keeper.rebuildAfter(month, work);
    }
    for (const name of folded) await this.fold(name, forgotten.key);
    return count;
  }

  /** Rows that go into `(other)`, and the months of those that are counted anew. */
  private async rows(
    forgotten: ErasedRows,
  ): Promise<{ folded: BucketName[]; months: Map<number, BucketSpan> }> {
    const folded: BucketName[] = [];
    const months = new Map<number, BucketSpan>();
    for (const dimension of await this.sums.dimensions()) {
      if (!forgotten.isNamedIn(dimension)) continue;
      for (const period of SUMMARY_PERIODS) {
        const buckets = await this.sums.buckets(dimension, period, { first: null, last: null });
        for (const name of await this.sums.withKey(buckets, forgotten.key))
          if (forgotten.isFolded(dimension, period, name.bucket)) folded.push(name);
          else this.addMonth(months, name.bucket);
      }
    }
    return { folded, months };
  }

  private async dates({ field, value }: ParsedSubject): Promise<number[]> {
    const dates: number[] = [];
    const filter = { start: null, end: null, where: [[field, value] as const] };
    let hour = NaN;
    for await (const { date } of this.records.stream(filter)) {
      const start = this.summarizer.calendar.start('hour', date.getTime());
      if (start !== hour) dates.push((hour = start));
    }
    return dates;
  }

  private addMonth(months: Map<number, BucketSpan>, instant: number): void {
    const month = this.summarizer.calendar.bucket('month', instant);
    months.set(month.start, month);
  }

  private async deleteWithin(
    { start, end }: BucketSpan,
    { field, value }: ParsedSubject,
  ): Promise<number> {
    const page = {
      start: new Date(start),
      end: new Date(end - 1),
      where: [[field, value] as const],
      limit: RECORDS_AT_ONCE,
      offset: 0,
    };
    for (let count = 0; ;) {
      const records = await this.records.page(page);
      if (records.length === 0) return count;
      count += await this.writer.delete(records);
    }
  }

  private async fold(name: BucketName, key: string): Promise<void> {
    const rows = [this.keys.sums(name, key), this.keys.sums(name, OTHER_KEY)];
    await this.connection.run(FOLD_ROW, [this.keys.keys(name), ...rows], []);
  }
}
