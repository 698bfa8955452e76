import type { Summarizer, SummaryIncrement } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import { differences } from '../../base/recompute/differences.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { RecordCorrector } from '../records/record-corrector.js';
import type { RecordReader } from '../records/record-reader.js';
import type { SumReader } from './sum-reader.js';
import { SummaryZones } from './summary-zones.js';

const ATTEMPTS = 5;

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

  protected async verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]> {
    // Sums are read before records. What is written in between looks like a difference.
    for (let attempt = 1; ; attempt++) {
      const before = await this.corrector.fingerprint(month.month);
      const found = await this.compare(month);
      if (found.length === 0 || attempt === ATTEMPTS) return found;
      if (before === (await this.corrector.fingerprint(month.month))) return found;
    }
  }

  protected async firstDate(from: number | null): Promise<number | null> {
    const found = await Promise.all([
      this.records.firstDate(from),
      this.sums.firstBucket(this.summarizer.dimensions, from),
    ]);
    const dates = found.filter((date) => date !== null);
    return dates.length > 0 ? Math.min(...dates) : null;
  }

  private async compare({ month, ranges }: RecomputedMonth): Promise<SummaryDifference[]> {
    const stored: SummaryIncrement[] = [];
    for (const dimension of this.summarizer.dimensions)
      for (const row of await this.sums.readPeriods(dimension, ranges)) stored.push(row);
    const recomputation = new Recomputation(this.summarizer, ranges, Infinity, []);
    const span = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
    for await (const records of this.corrector.inParts(span)) recomputation.add(records);
    return differences(stored, recomputation.rows());
  }
}
