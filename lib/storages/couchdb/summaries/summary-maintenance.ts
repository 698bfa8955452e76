import type { UsageRecord } from '../../../record/index.js';
import {
  Summarizer,
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { bucketRanges } from '../../base/recompute/bucket-ranges.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import {
  rebuildInZone,
  settleTimeZone,
  type OnTimeZoneChange,
} from '../../base/time-zones/settle-time-zone.js';
import { differences, type SummaryDifference } from '../../contract/summary-difference.js';
import type { CouchDatabase, CouchDocument } from '../connection/couch-database.js';
import type { CouchRecordReader } from '../records/record-reader.js';
import { recordOf, type UsageDocument } from '../records/record-mapper.js';
import { CouchZones } from './summary-zones.js';
import { notePruned, readPruned } from '../named-values.js';
import type { DocumentSummarizer } from './sum-mapper.js';
import type { SumView } from './sum-view.js';

const DOCUMENTS_AT_ONCE = 500;
const ATTEMPTS = 5;

/**
 * Compares sums with the records, and deletes what is old.
 *
 * A record that goes leaves its document behind as long as sums of some period stay that it counts
 * in; the document then holds what it added, and no more.
 */
export class SummaryMaintenance {
  private readonly zones: CouchZones;

  constructor(
    storageName: string,
    private readonly database: CouchDatabase,
    private readonly records: CouchRecordReader,
    private readonly sums: SumView,
    private readonly documents: DocumentSummarizer,
    private readonly summarizer: Summarizer,
  ) {
    this.zones = new CouchZones(storageName, database, sums, documents, () =>
      this.correct(null, null),
    );
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.zones.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.zones.dimensions.length === 0) await this.correct(start, end);
    else await rebuildInZone(this.zones);
  }

  /** Corrects what documents add to sums: where hooks or the time zone have changed since. */
  private async correct(start: Date | null, end: Date | null): Promise<void> {
    const pruned = await readPruned(this.database);
    const ranges = bucketRanges(this.documents.calendar, null, null, pruned);
    for await (const documents of this.inMonths(start, end)) {
      let wrong = documents;
      for (let attempt = 1; wrong.length > 0; attempt++) {
        const failed = await this.write(
          wrong.flatMap((document) => this.corrected(document, ranges)),
        );
        if (failed.size > 0 && attempt === ATTEMPTS)
          throw new Error(
            'CouchDbStorage: documents changed while they were corrected; try again.',
          );
        wrong = failed.size > 0 ? await this.again(wrong, failed) : [];
      }
    }
  }

  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    // Views and documents are read one after the other: what is written meanwhile looks wrong.
    for (let attempt = 1; ; attempt++) {
      const before = await this.sequence();
      const found = await this.compare(start, end);
      if (found.length === 0 || attempt === ATTEMPTS || before === (await this.sequence()))
        return found;
    }
  }

  /** @returns How many records were deleted. */
  async pruneRecords(before: number): Promise<number> {
    await notePruned(this.database, 'records', before);
    const end = new Date(before - 1);
    if (Number.isNaN(end.getTime())) return 0;
    const filter = { start: null, end, where: [] };
    let count = 0;
    for await (const documents of this.records.documents(filter)) {
      const bare = documents.map(({ record: _, ...document }) => document);
      const failed = await this.write(bare.map(withoutEmpty));
      count += documents.length - failed.size;
    }
    return count;
  }

  /** Deletes the buckets of a period that ended by an instant; says how many rows they had. */
  async prune(period: SummaryPeriod, before: number): Promise<number> {
    await notePruned(this.database, period, before);
    const old = { first: null, last: this.documents.calendar.start(period, before) - 1 };
    const dimensions = await this.sums.dimensions();
    let rows = 0;
    for (const dimension of dimensions) rows += await this.sums.countRows(dimension, period, old);
    for (const dimension of dimensions) {
      for (;;) {
        const found = await this.sums.documents(dimension, period, old, DOCUMENTS_AT_ONCE);
        if (found.length === 0) break;
        await this.write(found.map((document) => withoutEmpty(withoutPeriod(document, period))));
      }
    }
    return rows;
  }

  private async compare(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const pruned = await readPruned(this.database);
    const ranges = bucketRanges(this.documents.calendar, start, end, pruned);
    const stored: SummaryIncrement[] = [];
    for (const dimension of this.documents.dimensions)
      for (const period of SUMMARY_PERIODS)
        for (const row of await this.sums.rows(dimension, period, ranges[period])) stored.push(row);
    const recount = new Recomputation(this.summarizer, ranges, Infinity, []);
    for await (const documents of this.inMonths(start, end)) recount.add(documents.map(recordOf));
    return differences(stored, recount.rows());
  }

  private inMonths(start: Date | null, end: Date | null): AsyncGenerator<UsageDocument[]> {
    const { calendar } = this.documents;
    return this.records.documents({
      start: start && new Date(calendar.bucket('month', start.getTime()).start),
      end: end && new Date(calendar.bucket('month', end.getTime()).end - 1),
      where: [],
    });
  }

  private corrected(
    document: UsageDocument,
    ranges: Record<SummaryPeriod, BucketRange>,
  ): CouchDocument[] {
    const record: UsageRecord = recordOf(document);
    const sums = this.documents.corrected(record, document.sums, ranges);
    return sums ? [{ ...document, sums }] : [];
  }

  /** The present versions of documents that could not be written. */
  private async again(
    documents: readonly UsageDocument[],
    failed: ReadonlySet<string>,
  ): Promise<UsageDocument[]> {
    const ids = documents.map(({ _id }) => _id).filter((id) => failed.has(id));
    const answer = await this.database.ask('POST', '_all_docs?include_docs=true', { keys: ids });
    const rows = answer['rows'] as readonly { doc?: UsageDocument | null }[];
    return rows.flatMap(({ doc }) => (doc?.record ? [doc] : []));
  }

  /** @returns The ids of those that another writer has changed. */
  private async write(documents: readonly CouchDocument[]): Promise<Set<string>> {
    const answers = await this.database.write(documents);
    const failed = new Set<string>();
    for (const { id, error, reason } of answers) {
      if (error === 'conflict') failed.add(id);
      else if (error !== undefined)
        throw new Error(`CouchDbStorage: CouchDB refused the document ${id}: ${error}, ${reason}.`);
    }
    return failed;
  }

  private async sequence(): Promise<string> {
    return JSON.stringify((await this.database.ask('GET'))['update_seq']);
  }
}

function withoutPeriod(document: UsageDocument, period: SummaryPeriod): UsageDocument {
  if (!document.sums) return document;
  const sums = { ...document.sums };
  delete sums[period];
  return { ...document, sums };
}

/** The document, or its deletion if nothing is left in it. */
function withoutEmpty(document: UsageDocument): CouchDocument {
  const { sums } = document;
  const counts = sums && SUMMARY_PERIODS.some((period) => sums[period] !== undefined);
  if (document.record || counts) return { ...document };
  return { _id: document._id, ...(document._rev && { _rev: document._rev }), _deleted: true };
}
