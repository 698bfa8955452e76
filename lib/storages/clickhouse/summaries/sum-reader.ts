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
  UnmeasuredBucket,
} from '../../base/base-storage.js';
import { isEmptyRange } from '../../base/recompute/bucket-ranges.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { ClickHouseDatabase, Row } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import { incrementOf, scannedOf } from './sum-mapper.js';
import type { SumQueries, SumRows } from './sum-queries.js';
import type { SumStates } from './sum-state.js';

/** The most rows that are mapped before other code has its turn. */
const ROWS_AT_ONCE = 1000;

/** Reads sums: stored rows together with what records add. */
export class SumReader {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly queries: SumQueries,
    private readonly states: SumStates,
  ) {}

  async page(query: SumPageQuery): Promise<UsageSum[]> {
    const { dimension, period, range, key, order, limit, offset, signal } = query;
    const wanted = { dimension, period, ranges: [range], key, withLatency: true };
    const by = order === 'hits' ? 'sum(hits) DESC, bucket DESC, key' : 'bucket DESC, key';
    const rows = await this.read(wanted, `ORDER BY ${by} LIMIT ${limit} OFFSET ${offset}`, signal);
    return rows.map((row) => toUsageSum(incrementOf(dimension, period, row)));
  }

  async totals({ dimension, period, range }: SumRangeQuery): Promise<BucketTotal[]> {
    const rows = await this.states.during((state) =>
      this.database.rows(this.queries.totals({ dimension, period, ranges: [range] }, state)),
    );
    return rows.map(([bucket, hits]) => ({
      bucket: Number(bucket),
      hits: Number(hits),
      measured: Number(hits),
    }));
  }

  /** Every version that writes to ClickHouse writes all measures. */
  async unmeasured(): Promise<UnmeasuredBucket[]> {
    return [];
  }

  async *scan(query: SumScanQuery): ScannedSums {
    for await (const rows of this.parts(query))
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        yield rows.slice(at, at + ROWS_AT_ONCE).map(scannedOf);
  }

  private read(wanted: SumRows, end = '', signal: AbortSignal | null = null): Promise<Row[]> {
    return this.states.during((state) =>
      this.database.rows(`${this.queries.rows(wanted, state)} ${end}`, signal),
    );
  }

  /** Reads the rows of a dimension in all periods, with their latency. */
  async readPeriods(
    dimension: string,
    ranges: Readonly<Record<SummaryPeriod, BucketRange>>,
  ): Promise<SummaryIncrement[]> {
    const periods = SUMMARY_PERIODS.filter((period) => !isEmptyRange(ranges[period]));
    if (periods.length === 0) return [];
    const rows = await this.states.during((state) =>
      this.database.rows(
        periods
          .map((period) => {
            const wanted = { dimension, period, ranges: [ranges[period]], withLatency: true };
            return `SELECT *, ${literal(period)} FROM (${this.queries.rows(wanted, state)})`;
          })
          .join(' UNION ALL '),
      ),
    );
    return rows.map((row) => incrementOf(dimension, row.at(-1) as SummaryPeriod, row));
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
    const state = await this.states.read();
    const found: BucketStart[] = [];
    for (const period of SUMMARY_PERIODS) {
      const ranges = [{ first: null, last: null }];
      const parts = dimensions.map((dimension) =>
        this.queries.totals({ dimension, period, ranges }, state),
      );
      if (parts.length === 0) continue;
      const sql = `SELECT DISTINCT bucket FROM (${parts.join(' UNION ALL ')})`;
      for (const [bucket] of await this.database.rows(sql))
        found.push({ period, bucket: Number(bucket) });
    }
    return found;
  }

  /** Nothing is handed on before the state is known to be the same as when the rows were read. */
  private async *parts(wanted: SumRows): AsyncGenerator<Row[], void, undefined> {
    const { parts, first } = await this.states.during(async (state) => {
      const all = this.database.parts(this.queries.rows(wanted, state));
      return { parts: all, first: await all.next() };
    });
    if (first.done) return;
    yield first.value;
    yield* parts;
  }
}
