import {
  compareRows,
  mergeIncrements,
  NO_KEY,
  OTHER_KEY,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../summary/index.js';
import { BaseEraser } from '../base/eraser.js';
import type { MonthSet } from '../base/recompute/months.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { BatchWriter } from './batches/batch-writer.js';
import { RebuildLease } from './batches/rebuild-lease.js';
import { siteFilter, type MongoCollections } from './connection/mongo-collections.js';
import { READ_LATEST, WRITE } from './connection/operation-options.js';
import type { MongoValues } from './named-values.js';
import type { RecordReader } from './records/record-reader.js';
import { deleteEmptied } from './summaries/bucket-key-counts.js';
import { correctionOf } from './summaries/corrections.js';
import { rowOf } from './summaries/sum-mapper.js';
import { SumReader } from './summaries/sum-reader.js';
import type { SummaryMaintenance } from './summaries/summary-maintenance.js';

/** A row and the `(other)` row that it is added to must be in the same correction. */
const MAX_FOLDED_AT_ONCE = 250;

/** Erases a subject from records and sums. */
export class MongoEraser extends BaseEraser<SummaryIncrement> {
  constructor(
    private readonly collections: MongoCollections,
    summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    records: RecordReader,
    private readonly maintenance: SummaryMaintenance,
    private readonly batches: BatchWriter,
    values: MongoValues,
  ) {
    super(summarizer, values, records, new SumReader(collections));
  }

  async dimensions(): Promise<readonly string[]> {
    const { summaries, website } = this.collections;
    const found = await summaries.distinct('dimension', siteFilter(website), READ_LATEST);
    // Documents of batches have none.
    return found.filter((dimension) => typeof dimension === 'string');
  }

  protected async *rowsOf(dimension: string, key: string): AsyncGenerator<SummaryIncrement> {
    const { summaries, website } = this.collections;
    const filter = { ...siteFilter(website), dimension: { $eq: dimension }, key: { $eq: key } };
    for (const row of await summaries.find(filter, READ_LATEST).toArray()) yield rowOf(row);
  }

  protected async deleteRecords(
    { field, value }: ParsedSubject,
    months: MonthSet,
  ): Promise<number> {
    const { records, website } = this.collections;
    const filter = { ...siteFilter(website), [field]: { $eq: value } };
    const { deletedCount } = await records.deleteMany(filter, WRITE);
    for (const { start, end } of months)
      await this.maintenance.rebuildRange(new Date(start), new Date(end - 1));
    return deletedCount;
  }

  /** Adds the rows of named keys to the `(other)` row of their buckets, and deletes them. */
  async foldKeys(dimension: string, period: SummaryPeriod, before: number): Promise<number> {
    const { summaries, website } = this.collections;
    const filter = {
      ...siteFilter(website),
      dimension: { $eq: dimension },
      period: { $eq: period },
      date: { $lt: new Date(before) },
      key: { $nin: [NO_KEY, OTHER_KEY] },
    };
    for (let count = 0; ;) {
      const rows = await summaries.find(filter, READ_LATEST).limit(MAX_FOLDED_AT_ONCE).toArray();
      if (rows.length === 0) return count;
      await this.fold(rows.map(rowOf));
      count += rows.length;
    }
  }

  protected async fold(rows: readonly SummaryIncrement[]): Promise<void> {
    if (rows.length === 0) return;
    const lease = await RebuildLease.acquire(this.batches);
    try {
      for (let at = 0; at < rows.length; at += MAX_FOLDED_AT_ONCE) {
        const folded = rows.slice(at, at + MAX_FOLDED_AT_ONCE);
        // Rows of one bucket share their `(other)` row, which a batch may name only once.
        const corrections = [
          ...folded.map((row) => correctionOf(row, undefined)!),
          ...mergeIncrements(folded.map((row) => ({ ...row, key: OTHER_KEY }))),
        ];
        await lease.correct(corrections.sort(compareRows));
      }
      await deleteEmptied(this.collections, rows);
    } finally {
      await lease.release();
    }
  }
}
