import { equals } from '../base/query/condition.js';
import {
  compareRows,
  OTHER_KEY,
  type Summarizer,
  type SummaryIncrement,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { MonthSet } from '../base/recompute/months.js';
import { readPruned } from '../base/named-values.js';
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
import type { SummaryMaintenance } from './summaries/summary-maintenance.js';

/** Each is folded by two rows of one correction. Both must be in the same batch. */
const MAX_FOLDED_AT_ONCE = 250;

/** Erases a subject from records and sums. */
export class MongoEraser {
  constructor(
    private readonly collections: MongoCollections,
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    private readonly reader: RecordReader,
    private readonly maintenance: SummaryMaintenance,
    private readonly batches: BatchWriter,
    private readonly values: MongoValues,
  ) {}

  /** @returns The number of the subject's deleted records. */
  async forget(subject: ParsedSubject): Promise<number> {
    const { records, website } = this.collections;
    const { summarizer } = this;
    const { field, value } = subject;
    const erased = new ErasedRows(subject, summarizer, await readPruned(this.values));
    const rows = await this.namedRows(erased);
    const isFolded = ({ dimension, period, bucket }: SummaryIncrement) =>
      erased.isFolded(dimension, period, bucket);
    const months = new MonthSet(summarizer.calendar);
    for (const row of rows) if (!isFolded(row)) months.add(row.bucket);
    const ofSubject = { start: null, end: null, where: [equals(field, value)] };
    for await (const { date } of this.reader.stream(ofSubject)) months.add(date.getTime());

    const filter = { ...siteFilter(website), [field]: { $eq: value } };
    const { deletedCount } = await records.deleteMany(filter, WRITE);
    for (const { start, end } of months)
      await this.maintenance.rebuildRange(new Date(start), new Date(end - 1));
    await this.fold(rows.filter(isFolded));
    return deletedCount;
  }

  /** Reads the sum rows with the subject's key. */
  private async namedRows(erased: ErasedRows): Promise<SummaryIncrement[]> {
    const { summaries, website } = this.collections;
    const rows: SummaryIncrement[] = [];
    const site = siteFilter(website);
    const dimensions = await summaries.distinct('dimension', site, READ_LATEST);
    for (const dimension of dimensions as string[]) {
      if (!erased.isNamedIn(dimension)) continue;
      const filter = { ...site, dimension: { $eq: dimension }, key: { $eq: erased.key } };
      rows.push(...(await summaries.find(filter, READ_LATEST).toArray()).map(rowOf));
    }
    return rows;
  }

  /** Adds rows to the `(other)` row of their bucket, and deletes them. */
  private async fold(rows: readonly SummaryIncrement[]): Promise<void> {
    if (rows.length === 0) return;
    const lease = await RebuildLease.acquire(this.batches);
    try {
      for (let at = 0; at < rows.length; at += MAX_FOLDED_AT_ONCE) {
        const folded = rows.slice(at, at + MAX_FOLDED_AT_ONCE);
        const corrections = folded.flatMap((row) => [
          correctionOf(row, undefined)!,
          { ...row, key: OTHER_KEY },
        ]);
        await lease.correct(corrections.sort(compareRows));
      }
      await deleteEmptied(this.collections, rows);
    } finally {
      await lease.release();
    }
  }
}
