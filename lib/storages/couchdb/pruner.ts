import type { UsageRecord } from '../../record/index.js';
import { SUMMARY_PERIODS, type SummaryPeriod } from '../../summary/index.js';
import type { CouchDocument } from './connection/couch-database.js';
import type { UsageDocument } from './records/record-mapper.js';
import type { RecordReader } from './records/record-reader.js';
import { documentChangedError, type RecordWriter } from './records/record-writer.js';
import { withoutHiddenKeys } from './summaries/document-sums.js';
import type { SumView } from './summaries/sum-view.js';

const DOCUMENTS_AT_ONCE = 500;
const ATTEMPTS = 5;

/**
 * Deletes records and sums from before an instant.
 *
 * The document of a deleted record stays as long as it counts in sums that stay. It then holds only
 * what it adds to those sums.
 */
export class Pruner {
  constructor(
    private readonly reader: RecordReader,
    private readonly writer: RecordWriter,
    private readonly sums: SumView,
  ) {}

  /** @returns The number of deleted records. */
  async pruneRecords(before: number): Promise<number> {
    const end = new Date(before - 1);
    if (Number.isNaN(end.getTime())) return 0;
    let count = 0;
    for await (const documents of this.reader.documents({ start: null, end, where: [] })) {
      const bare = documents.map(({ record: _, ...document }) => document);
      const conflicts = await this.writer.replace(bare.map(withoutEmpty));
      count += documents.length - conflicts.size;
    }
    return count;
  }

  /** Deletes whole documents, and so what they add to the sums. */
  async deleteRecords(records: readonly UsageRecord[]): Promise<number> {
    let left = records.map(({ id }) => id);
    for (let attempt = 1, count = 0; ; attempt++) {
      const found = await this.writer.read(left);
      const conflicts = await this.writer.replace(
        found.map(({ _id, _rev }) => ({ _id, _rev: _rev!, _deleted: true })),
      );
      count += found.length - conflicts.size;
      if (conflicts.size === 0) return count;
      if (attempt === ATTEMPTS) throw documentChangedError();
      left = [...conflicts];
    }
  }

  /** @returns The number of deleted rows, of buckets that begin before the instant. */
  async pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    const old = { first: null, last: before - 1 };
    const dimensions = await this.sums.dimensions();
    let rows = 0;
    for (const dimension of dimensions) rows += await this.sums.countRows(dimension, period, old);
    for (const dimension of dimensions) {
      for (;;) {
        const found = await this.sums.documents(dimension, period, old, DOCUMENTS_AT_ONCE);
        if (found.length === 0) break;
        await this.writer.replace(
          found.map((document) => withoutEmpty(withoutPeriod(document, period))),
        );
      }
    }
    return rows;
  }
}

function withoutPeriod(document: UsageDocument, period: SummaryPeriod): UsageDocument {
  if (!document.sums) return document;
  const sums = { ...document.sums };
  delete sums[period];
  return { ...document, sums: withoutHiddenKeys(sums) };
}

/** Returns the document, or its deletion if it holds neither a record nor sums. */
function withoutEmpty(document: UsageDocument): CouchDocument {
  const { sums } = document;
  const counts = sums && SUMMARY_PERIODS.some((period) => sums[period] !== undefined);
  if (document.record || counts) return { ...document };
  return { _id: document._id, ...(document._rev && { _rev: document._rev }), _deleted: true };
}
