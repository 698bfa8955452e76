import { SUMMARY_PERIODS, type Summarizer, type SummaryIncrement } from '../../../summary/index.js';
import { readPruned, type NamedValues } from '../../base/named-values.js';
import {
  bucketRanges,
  isEmptyRange,
  type BucketRanges,
} from '../../base/recompute/bucket-ranges.js';
import { differences } from '../../base/recompute/differences.js';
import { earliest } from '../../base/recompute/earliest.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import { settledDifferences } from '../../base/recompute/settled-differences.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { CouchDocument } from '../connection/couch-database.js';
import type { RecordReader } from '../records/record-reader.js';
import { documentChangedError, type RecordWriter } from '../records/record-writer.js';
import { recordOf, type UsageDocument } from '../records/record-mapper.js';
import { SummaryZones } from './summary-zones.js';
import type { DocumentSummarizer } from './sum-mapper.js';
import type { SumView } from './sum-view.js';

const ATTEMPTS = 5;

/** Verifies and corrects what documents add to sums. */
export class SummaryMaintenance extends BaseSummaryMaintenance {
  protected readonly zones: SummaryZones;

  constructor(
    storageName: string,
    protected override readonly summarizer: Summarizer,
    values: NamedValues,
    private readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly view: SumView,
    private readonly documents: DocumentSummarizer,
  ) {
    super(summarizer, values);
    this.zones = new SummaryZones(storageName, values, summarizer, view, () =>
      this.rebuildRange(null, null),
    );
  }

  /** Corrects documents that were stored with other hooks or in another time zone. */
  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    const { calendar } = this.summarizer;
    const ranges = bucketRanges(calendar, null, null, await readPruned(this.values));
    const inMonths = this.records.documents({
      start: start && new Date(calendar.bucket('month', start.getTime()).start),
      end: end && new Date(calendar.bucket('month', end.getTime()).end - 1),
      where: [],
    });
    for await (const documents of inMonths) {
      let wrong = documents;
      for (let attempt = 1; wrong.length > 0; attempt++) {
        const corrected = wrong.flatMap((document) => this.corrected(document, ranges));
        const conflicts = await this.writer.replace(corrected);
        if (conflicts.size > 0 && attempt === ATTEMPTS) throw documentChangedError();
        wrong = conflicts.size > 0 ? await this.writer.read([...conflicts]) : [];
      }
    }
  }

  protected verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]> {
    return settledDifferences(
      () => this.compare(month),
      () => this.view.sequence(),
    );
  }

  protected async firstDate(from: number | null): Promise<number | null> {
    const first = await this.records.firstDate(from);
    const { calendar, dimensions } = this.summarizer;
    // In the month of `from` itself, so no bucket is in an earlier one. Spares a request for each
    // summary and period.
    if (from !== null && first !== null && first < calendar.bucket('month', from).end) return first;
    const buckets = dimensions.flatMap((dimension) =>
      SUMMARY_PERIODS.map((period) => this.view.firstBucket(dimension, period, from)),
    );
    return earliest([first, ...(await Promise.all(buckets))]);
  }

  private async compare({ month, ranges }: RecomputedMonth): Promise<SummaryDifference[]> {
    const stored: SummaryIncrement[] = [];
    for (const dimension of this.summarizer.dimensions)
      for (const period of SUMMARY_PERIODS)
        if (!isEmptyRange(ranges[period]))
          for (const row of await this.view.rows(dimension, period, ranges[period]))
            stored.push(row);
    const recomputation = new Recomputation(this.summarizer, ranges, Infinity, []);
    const span = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
    for await (const documents of this.records.documents(span))
      recomputation.add(documents.map(recordOf));
    return differences(stored, recomputation.rows());
  }

  private corrected(document: UsageDocument, ranges: BucketRanges): CouchDocument[] {
    const sums = this.documents.corrected(recordOf(document), document.sums, ranges);
    return sums ? [{ ...document, sums }] : [];
  }
}
