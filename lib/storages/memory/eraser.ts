import type { SummaryIncrement, SummaryPeriod } from '../../summary/index.js';
import { BaseEraser } from '../base/eraser.js';
import type { NamedValues } from '../base/named-values.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { MonthSet } from '../base/recompute/months.js';
import type { MemoryRecords } from './memory-records.js';
import type { MemorySums } from './memory-sums.js';

/** Erases a subject from the records and the sums in memory. */
export class MemoryEraser extends BaseEraser<SummaryIncrement> {
  constructor(
    private readonly sums: MemorySums,
    values: NamedValues,
    protected override readonly records: MemoryRecords,
  ) {
    super(sums.summarizer, values, records, sums);
  }

  async dimensions(): Promise<readonly string[]> {
    return this.sums.dimensions();
  }

  protected async *rowsOf(dimension: string, key: string): AsyncGenerator<SummaryIncrement> {
    yield* this.sums.rowsOf(dimension, key);
  }

  protected async deleteRecords(subject: ParsedSubject, months: MonthSet): Promise<number> {
    const gone = this.records.deleteOf(subject);
    for (const { date } of gone) months.add(date.getTime());
    for (const month of months) await this.sums.rebuildErased(month);
    return gone.length;
  }

  /** Adds the rows of named keys to the `(other)` row of their buckets. */
  async foldKeys(dimension: string, period: SummaryPeriod, before: number): Promise<number> {
    return this.sums.foldKeys(dimension, period, before);
  }

  protected async fold(rows: readonly SummaryIncrement[]): Promise<void> {
    for (const row of rows) this.sums.fold(row);
  }
}
