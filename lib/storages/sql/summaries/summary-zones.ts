import type { NamedValues } from '../../base/named-values.js';
import { BaseSummaryZones } from '../../base/time-zones/summary-zones.js';
import { SUMMARY_PERIODS, type Summarizer, type SummaryPeriod } from '../../../summary/index.js';
import { BoundaryRecomputation } from '../../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import { isSameZone, type DimensionsChange } from '../../base/time-zones/settle-time-zone.js';
import type { ZoneBoundary } from '../../base/time-zones/zone-change.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { BucketTable, SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import { notePruned, noteZone, readZones } from './bucket-notes.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { eachPage } from './recompute-month.js';
import { sumIncrements } from './sum-mapper.js';
import { applyIncrements } from './sum-writer.js';
import { KnownRows } from './writer-caches.js';

/** Keeps the zone of the sums in an SQL database. */
export class SummaryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    private readonly summarizer: Summarizer,
    rebuild: () => Promise<void>,
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly maxKeys: number,
  ) {
    super(storageName, values, summarizer, rebuild);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const { buckets: table } = this.layout;
    const bindings = new SqlBindings(table.dialect);
    const [period, date] = [table.column('period'), table.column('date')];
    const names = dimensions.map((name) => bindings.add(name)).join(', ');
    const rows = await this.engine.read({
      sql:
        `select distinct ${period} as ${table.dialect.quote('period')}, ` +
        `${date} as ${table.dialect.quote('date')} from ${table.path} ` +
        `where ${table.column('dimension')} in (${names})`,
      values: bindings.values,
    });
    // Rows of other periods are counts and notes, not buckets.
    const ofBuckets = rows.filter((row) =>
      SUMMARY_PERIODS.includes(row['period'] as SummaryPeriod),
    );
    return ofBuckets.map((row) => ({
      period: row['period'] as SummaryPeriod,
      bucket: Number(row['date']),
    }));
  }

  // One transaction, so that the rest of a bucket is never added twice.
  async recut(change: DimensionsChange): Promise<void> {
    const { layout, summarizer, maxKeys, calendar } = this;
    const { dimensions, boundaries } = change;
    await this.engine.transaction(function* (): SqlScript {
      const { records, summaries, buckets } = layout;
      yield* records.dialect.lockExclusive(layout);
      const zones = yield* readZones(buckets);
      if (!isSameZone(zones.get(dimensions[0]!), change.noted)) return;
      for (const boundary of boundaries)
        for (const table of [summaries, buckets] as const)
          yield deletion(table, dimensions, boundary);
      const recomputation = new BoundaryRecomputation(summarizer, change, maxKeys);
      if (recomputation.span)
        yield* eachPage(layout, recomputation.span, (page) => recomputation.add(page));
      yield* applyIncrements(layout, sumIncrements(recomputation.rows()), maxKeys, new KnownRows());
      for (const { period, until } of boundaries) yield* notePruned(buckets, period, until);
      yield* noteZone(buckets, dimensions, { zone: calendar.timeZone, isComplete: false });
    });
  }
}

function deletion(
  table: SummaryTable | BucketTable,
  dimensions: readonly string[],
  { period, from, first, until, bucket, isShared }: ZoneBoundary,
): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const names = dimensions.map((name) => bindings.add(name)).join(', ');
  const date = table.column('date');
  const sql =
    `delete from ${table.path} where ${table.column('dimension')} in (${names}) ` +
    `and ${table.column('period')} = ${bindings.add(period)} ` +
    `and (${date} >= ${bindings.add(from)} and ${date} < ${bindings.add(until)}` +
    (first < until && !isShared ? ` or ${date} = ${bindings.add(bucket)})` : ')');
  return { sql, values: bindings.values };
}
