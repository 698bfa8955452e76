import type { UsageRecord } from '../../../record/index.js';
import type { Summarizer } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import { differences } from '../../base/recompute/differences.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { RecordQueries } from '../records/record-queries.js';
import { correctBucket, faultsOf } from './correct-bucket.js';
import { recomputeMonth } from './recompute-month.js';
import { sumIncrements, type SumIncrement } from './sum-mapper.js';
import { SumQueries } from './sum-queries.js';
import { sumOfRow } from './sum-rows.js';
import { SummaryZones } from './summary-zones.js';

/** Rebuilds and verifies the sums in an SQL database. */
export class SummaryMaintenance extends BaseSummaryMaintenance {
  protected readonly zones: SummaryZones;
  private readonly queries: SumQueries;

  constructor(
    storageName: string,
    values: NamedValues,
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    override readonly summarizer: Summarizer,
    private readonly maxKeys: number,
  ) {
    super(summarizer, values);
    this.queries = new SumQueries(layout.summaries);
    const rebuild = () => this.rebuildRange(null, null);
    this.zones = new SummaryZones(
      storageName,
      values,
      summarizer,
      rebuild,
      engine,
      layout,
      maxKeys,
    );
  }

  /** The increments of new records, in lock order. */
  increments(records: readonly UsageRecord[]): SumIncrement[] {
    return sumIncrements(this.summarizer.summarize(records));
  }

  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    const { layout, summarizer, maxKeys } = this;
    for await (const { month, ranges } of this.months(start, end)) {
      const recomputation = { layout, summarizer, maxKeys, ranges, isRebuild: true };
      await this.engine.atLength(() =>
        recomputeMonth(recomputation, month, (bucket) => correctBucket(layout, bucket)),
      );
    }
  }

  protected verifyMonth({ month, ranges }: RecomputedMonth): Promise<SummaryDifference[]> {
    const { layout, summarizer, maxKeys } = this;
    const recomputation = { layout, summarizer, maxKeys, ranges, isRebuild: false };
    return this.engine.snapshot(function* () {
      const found: SummaryDifference[] = [];
      yield* recomputeMonth(recomputation, month, function* (bucket) {
        const { wanted, wrong, extra } = yield* faultsOf(bucket);
        const stored = [...wrong, ...extra].map(sumOfRow);
        for (const difference of differences(stored, wanted)) found.push(difference);
      });
      return found;
    });
  }

  protected async firstDate(from: number | null): Promise<number | null> {
    const records = new RecordQueries(this.layout.records);
    const statements = [
      records.firstDate(from),
      ...this.summarizer.dimensions.map((dimension) => this.queries.firstDate(dimension, from)),
    ];
    const firsts: number[] = [];
    for (const statement of statements) {
      const [row] = await this.engine.read(statement);
      const date = row?.['date'] ?? null;
      if (date !== null) firsts.push(Number(date));
    }
    return firsts.length > 0 ? Math.min(...firsts) : null;
  }
}
