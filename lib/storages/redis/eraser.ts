import { equals } from '../base/query/condition.js';
import {
  OTHER_KEY,
  SUMMARY_PERIODS,
  type BucketSpan,
  type Summarizer,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { MonthSet } from '../base/recompute/months.js';
import { readPruned, type NamedValues } from '../base/named-values.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { RecordReader } from './records/record-reader.js';
import type { RecordWriter } from './records/record-writer.js';
import type { BucketName, RedisKeys } from './format/redis-keys.js';
import { FOLD_ROW } from './format/sum-scripts.js';
import type { SummaryMaintenance } from './summaries/summary-maintenance.js';
import type { SumRows } from './summaries/sum-rows.js';

const RECORDS_AT_ONCE = 500;

/**
 * Erases a subject, month by month. Writers are locked out of a month until its sums agree with the
 * remaining records.
 */
export class Eraser {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly summarizer: Summarizer,
    private readonly values: NamedValues,
    private readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly rows: SumRows,
    private readonly maintenance: SummaryMaintenance,
  ) {}

  /** @returns The number of the subject's deleted records. */
  async forget(subject: ParsedSubject): Promise<number> {
    const pruned = await readPruned(this.values);
    const erased = new ErasedRows(subject, this.summarizer, pruned);
    const months = new MonthSet(this.summarizer.calendar);
    const folded = await this.foldedRows(erased, months);
    await this.addMonthsOf(subject, months);
    let count = 0;
    for (const month of months) {
      const work = async () => {
        count += await this.deleteWithin(month, subject);
      };
      if (this.summarizer.dimensions.length === 0) await work();
      else await this.maintenance.rebuildAfter(month, work);
    }
    for (const name of folded) await this.fold(name, erased.key);
    return count;
  }

  /**
   * Returns the buckets whose row is folded into `(other)`. Adds the months of rows that are
   * recomputed.
   */
  private async foldedRows(erased: ErasedRows, months: MonthSet): Promise<BucketName[]> {
    const folded: BucketName[] = [];
    for (const dimension of await this.rows.dimensions()) {
      if (!erased.isNamedIn(dimension)) continue;
      for (const period of SUMMARY_PERIODS) {
        const buckets = await this.rows.buckets(dimension, period, { first: null, last: null });
        for await (const rows of this.rows.ofKey(buckets, erased.key))
          for (const { name } of rows)
            if (erased.isFolded(dimension, period, name.bucket)) folded.push(name);
            else months.add(name.bucket);
      }
    }
    return folded;
  }

  /** Adds the months that have records of the subject. */
  private async addMonthsOf({ field, value }: ParsedSubject, months: MonthSet): Promise<void> {
    const filter = { start: null, end: null, where: [equals(field, value)] };
    let hour = NaN;
    for await (const { date } of this.records.stream(filter)) {
      const start = this.summarizer.calendar.start('hour', date.getTime());
      if (start !== hour) months.add((hour = start));
    }
  }

  private async deleteWithin(
    { start, end }: BucketSpan,
    { field, value }: ParsedSubject,
  ): Promise<number> {
    const page = {
      start: new Date(start),
      end: new Date(end - 1),
      where: [equals(field, value)],
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
