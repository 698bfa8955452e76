import type { Summarizer } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import { differences } from '../../base/recompute/differences.js';
import { earliest } from '../../base/recompute/earliest.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import { settledDifferences } from '../../base/recompute/settled-differences.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { RecordCorrector } from '../records/record-corrector.js';
import type { RecordReader } from '../records/record-reader.js';
import type { SumReader } from './sum-reader.js';
import { SummaryZones } from './summary-zones.js';

/** Verifies sums, and corrects what records add to them. */
export class SummaryMaintenance extends BaseSummaryMaintenance {
  protected readonly zones: SummaryZones;

  constructor(
    storageName: string,
    protected override readonly summarizer: Summarizer,
    values: NamedValues,
    private readonly records: RecordReader,
    private readonly corrector: RecordCorrector,
    private readonly sums: SumReader,
  ) {
    super(summarizer, values);
    this.zones = new SummaryZones(storageName, values, summarizer, sums, () =>
      this.rebuildRange(null, null),
    );
  }

  /** Corrects records that were stored with other hooks or in another time zone. */
  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    const { calendar } = this.summarizer;
    await this.corrector.correct(
      start && calendar.bucket('month', start.getTime()).start,
      end && calendar.bucket('month', end.getTime()).end - 1,
    );
  }

  protected verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]> {
    return settledDifferences(
      () => this.compare(month),
      () => this.corrector.fingerprint(month.month),
    );
  }

  protected async firstDate(from: number | null): Promise<number | null> {
    return earliest(
      await Promise.all([
        this.records.firstDate(from),
        this.sums.firstBucket(this.summarizer.dimensions, from),
      ]),
    );
  }

  private async compare({ month, ranges }: RecomputedMonth): Promise<SummaryDifference[]> {
    const stored = await this.sums.readPeriods(this.summarizer.dimensions, ranges);
    const recomputation = new Recomputation(this.summarizer, ranges, Infinity, []);
    const span = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
    for await (const records of this.corrector.inParts(span)) recomputation.add(records);
    return differences(stored, recomputation.rows());
  }
}
