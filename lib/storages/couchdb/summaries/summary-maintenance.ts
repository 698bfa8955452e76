import type { UsageRecord } from '../../../record/index.js';
import {
  type Summarizer,
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { readPruned, type NamedValues } from '../../base/named-values.js';
import { bucketRanges } from '../../base/recompute/bucket-ranges.js';
import { differences } from '../../base/recompute/differences.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import { rebuildInZone, settleTimeZone } from '../../base/time-zones/settle-time-zone.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import type { CouchDocument } from '../connection/couch-database.js';
import type { RecordReader } from '../records/record-reader.js';
import { documentChangedError, type RecordWriter } from '../records/record-writer.js';
import { recordOf, type UsageDocument } from '../records/record-mapper.js';
import { SummaryZones } from './summary-zones.js';
import type { DocumentSummarizer } from './sum-mapper.js';
import type { SumView } from './sum-view.js';

const ATTEMPTS = 5;

/** Verifies and corrects what documents add to sums. */
export class SummaryMaintenance {
  private readonly zones: SummaryZones;

  constructor(
    storageName: string,
    private readonly summarizer: Summarizer,
    private readonly values: NamedValues,
    private readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly view: SumView,
    private readonly documents: DocumentSummarizer,
  ) {
    this.zones = new SummaryZones(storageName, values, summarizer, view, () =>
      this.correct(null, null),
    );
  }

  /** Makes sure that the configured time zone cuts the buckets of the sums. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.zones.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.zones.dimensions.length === 0) await this.correct(start, end);
    else await rebuildInZone(this.zones);
  }

  /** Corrects documents that were stored with other hooks or in another time zone. */
  private async correct(start: Date | null, end: Date | null): Promise<void> {
    const pruned = await readPruned(this.values);
    const ranges = bucketRanges(this.documents.calendar, null, null, pruned);
    for await (const documents of this.inMonths(start, end)) {
      let wrong = documents;
      for (let attempt = 1; wrong.length > 0; attempt++) {
        const corrected = wrong.flatMap((document) => this.corrected(document, ranges));
        const conflicts = await this.writer.replace(corrected);
        if (conflicts.size > 0 && attempt === ATTEMPTS) throw documentChangedError();
        wrong = conflicts.size > 0 ? await this.writer.read([...conflicts]) : [];
      }
    }
  }

  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    // Views are read before documents. What is written in between looks like a difference.
    for (let attempt = 1; ; attempt++) {
      const before = await this.view.sequence();
      const found = await this.compare(start, end);
      if (found.length === 0 || attempt === ATTEMPTS || before === (await this.view.sequence()))
        return found;
    }
  }

  private async compare(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const pruned = await readPruned(this.values);
    const ranges = bucketRanges(this.documents.calendar, start, end, pruned);
    const stored: SummaryIncrement[] = [];
    for (const dimension of this.documents.dimensions)
      for (const period of SUMMARY_PERIODS)
        for (const row of await this.view.rows(dimension, period, ranges[period])) stored.push(row);
    const recomputation = new Recomputation(this.summarizer, ranges, Infinity, []);
    for await (const documents of this.inMonths(start, end))
      recomputation.add(documents.map(recordOf));
    return differences(stored, recomputation.rows());
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
}
