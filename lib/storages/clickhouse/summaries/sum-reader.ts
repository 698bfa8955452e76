import {
  SUMMARY_PERIODS,
  toUsageSum,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../../summary/index.js';
import type {
  BucketTotal,
  ScannedSums,
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
  SumsRangeQuery,
  UnmeasuredBucket,
} from '../../base/base-storage.js';
import { isEmptyRange } from '../../base/recompute/bucket-ranges.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { ClickHouseDatabase, Row } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import { ReportStates } from './report-states.js';
import { incrementOf, scannedOf } from './sum-mapper.js';
import type { SumQueries } from './sum-queries.js';
import type { SumRows } from './sum-rows.js';
import type { SumStates } from './sum-state.js';
import type { TotalQueries } from './total-queries.js';

/** The most rows that are mapped before other code has its turn. */
const ROWS_AT_ONCE = 1000;

/** Reads sums: stored rows together with what records add. */
export class SumReader {
  readonly isMadeOfHours = true;
  readonly tellsTotal = true;

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly queries: SumQueries,
    private readonly totalQueries: TotalQueries,
    private readonly states: SumStates | ReportStates,
  ) {}

  forReport(): SumReader {
    const { database, tables, columns, queries, totalQueries, states } = this;
    const own = states instanceof ReportStates ? states : new ReportStates(states);
    return new SumReader(database, tables, columns, queries, totalQueries, own);
  }

  expectReadings(): void {
    if (this.states instanceof ReportStates) this.states.expect();
  }

  async page(query: SumPageQuery): Promise<UsageSum[]> {
    const { dimension, period, range, key, order, limit, offset, signal } = query;
    const keys = key === null ? null : [key];
    const wanted = { dimension, period, ranges: [range], keys, withLatency: true };
    const by = order === 'hits' ? 'sum(hits) DESC, bucket DESC, key' : 'bucket DESC, key';
    const rows = await this.read(wanted, `ORDER BY ${by} LIMIT ${limit} OFFSET ${offset}`, signal);
    return rows.map((row) => toUsageSum(incrementOf(dimension, period, row)));
  }

  async totals({ dimension, ...query }: SumRangeQuery): Promise<BucketTotal[]> {
    return (await this.totalsAtOnce({ ...query, dimensions: [dimension] }))[0]!;
  }

  async totalsAtOnce({
    dimensions,
    period,
    range,
    signal,
  }: SumsRangeQuery): Promise<BucketTotal[][]> {
    const rows = await this.states.during((state) => {
      const sql = this.totalQueries.of({ dimensions, period, ranges: [range] }, state);
      return this.database.rows(sql, signal);
    });
    return dimensions.map((_, at) =>
      rows.flatMap((row) => {
        const hits = Number(row[at + 1]);
        return hits === 0 ? [] : [{ bucket: Number(row[0]), hits, measured: hits }];
      }),
    );
  }

  /** Every version that writes to ClickHouse writes all measures. */
  async unmeasured(): Promise<UnmeasuredBucket[]> {
    return [];
  }

  async *scan(query: SumScanQuery): ScannedSums {
    for await (const rows of this.parts(query))
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        yield rows
          .slice(at, at + ROWS_AT_ONCE)
          .map((row) => scannedOf(row, query.withTotal ?? false));
  }

  private read(wanted: SumRows, end = '', signal: AbortSignal | null = null): Promise<Row[]> {
    return this.states.during((state) =>
      this.database.rows(`${this.queries.rows(wanted, state)} ${end}`, signal),
    );
  }

  /** Reads the rows of some dimensions in all periods, with their latency. */
  async readPeriods(
    dimensions: readonly string[],
    ranges: Readonly<Record<SummaryPeriod, BucketRange>>,
  ): Promise<SummaryIncrement[]> {
    const periods = SUMMARY_PERIODS.filter((period) => !isEmptyRange(ranges[period]));
    if (periods.length === 0) return [];
    return this.states.during(async (state) => {
      const found: SummaryIncrement[] = [];
      for (const dimension of dimensions) {
        const parts = periods.map((period) => {
          const wanted = { dimension, period, ranges: [ranges[period]], withLatency: true };
          return `SELECT *, ${literal(period)} FROM (${this.queries.rows(wanted, state)})`;
        });
        for (const row of await this.database.rows(parts.join(' UNION ALL ')))
          found.push(incrementOf(dimension, row.at(-1) as SummaryPeriod, row));
      }
      return found;
    });
  }

  /** How many rows of all dimensions and some buckets there are. */
  async countRows(wanted: Pick<SumRows, 'period' | 'ranges'>): Promise<number> {
    const dimensions = new Set([...this.columns.dimensions, ...(await this.archivedDimensions())]);
    let count = 0;
    for (const dimension of dimensions) {
      const rows = await this.states.during((state) =>
        this.database.rows(
          'SELECT count() FROM ' +
            `(${this.queries.rows({ ...wanted, dimension, withLatency: false }, state)})`,
        ),
      );
      count += Number(rows[0]![0]);
    }
    return count;
  }

  /** The dimensions of stored rows. */
  async archivedDimensions(): Promise<string[]> {
    const rows = await this.database.rows(
      `SELECT DISTINCT dimension FROM ${this.tables.path('sums')}`,
    );
    return rows.map(([dimension]) => dimension as string);
  }

  /** Returns the first bucket of stored rows of some dimensions at or after `from`. */
  async firstBucket(dimensions: readonly string[], from: number | null): Promise<number | null> {
    const after = from === null ? '' : ` AND bucket >= ${from}`;
    const [row] = await this.database.rows(
      `SELECT min(bucket), count() FROM ${this.tables.path('sums')} ` +
        `WHERE dimension IN (${dimensions.map(literal).join(', ')})${after}`,
    );
    return Number(row![1]) === 0 ? null : Number(row![0]);
  }

  /** Returns every bucket of some dimensions once. */
  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    if (dimensions.length === 0) return [];
    const state = await this.states.read();
    const parts = SUMMARY_PERIODS.map((period) => {
      const rows = this.totalQueries.buckets(
        { dimensions, period, ranges: [{ first: null, last: null }] },
        state,
      );
      return `SELECT ${literal(period)}, bucket FROM (${rows})`;
    });
    const found = await this.database.rows(parts.join(' UNION ALL '));
    return found.map(([period, bucket]) => ({
      period: period as SummaryPeriod,
      bucket: Number(bucket),
    }));
  }

  /** Nothing is handed on before the state is known to be the same as when the rows were read. */
  private async *parts(wanted: SumScanQuery): AsyncGenerator<Row[], void, undefined> {
    const { parts, first } = await this.states.during(async (state) => {
      const all = this.database.parts(this.queries.rows(wanted, state), wanted.signal);
      return { parts: all, first: await all.next() };
    });
    if (first.done) return;
    yield first.value;
    yield* parts;
  }
}
