import type { BucketRange, SummaryPeriod } from '../../../summary/index.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import {
  byThemselves,
  datesOf,
  hasStored,
  notCounted,
  ofCountedHours,
  ofMoves,
  within,
} from './sum-conditions.js';
import type { ReadState } from './sum-state.js';

/** Some buckets of several summaries. */
export interface TotalRows {
  readonly dimensions: readonly string[];
  readonly period: SummaryPeriod;
  /** They do not overlap. */
  readonly ranges: readonly BucketRange[];
}

/**
 * Builds statements that add up the hits of buckets, of several summaries in one reading of each
 * table: what is stored meanwhile counts in all of them or in none.
 */
export class TotalQueries {
  constructor(
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
  ) {}

  /** A query of rows: bucket, then the hits of each dimension as `h0`, `h1` and so on. */
  of(rows: TotalRows, state: ReadState): string {
    const parts = [
      ...(hasStored(state) ? [this.stored(rows, state)] : []),
      ...(state.hours.until === null ? [] : [this.ofHourRows(rows, state)]),
      this.ofRecords(rows, state),
    ];
    const sums = rows.dimensions.map((_, at) => `sum(t${at}) AS h${at}`);
    return `SELECT bucket, ${sums.join(', ')} FROM (${parts.join(' UNION ALL ')}) GROUP BY bucket`;
  }

  /** A query of the buckets in which a dimension has hits, each once. */
  buckets(rows: TotalRows, state: ReadState): string {
    const hits = rows.dimensions.map((_, at) => `h${at} != 0`);
    return `SELECT bucket FROM (${this.of(rows, state)}) WHERE ${hits.join(' OR ')}`;
  }

  private stored({ dimensions, period, ranges }: TotalRows, { moves }: ReadState): string {
    return totals('bucket', ofDimensions(dimensions), this.tables.path('sums'), [
      isOneOf(dimensions),
      `period = ${literal(period)}`,
      within('bucket', ranges),
      ofMoves(moves),
    ]);
  }

  private ofHourRows({ dimensions, period, ranges }: TotalRows, state: ReadState): string {
    return totals(`sum_${period}`, ofDimensions(dimensions), this.tables.path('hours'), [
      isOneOf(dimensions),
      ...ofCountedHours(period, ranges, state),
    ]);
  }

  private ofRecords({ dimensions, period, ranges }: TotalRows, state: ReadState): string {
    const columns = dimensions.map((dimension) => this.columns.of(dimension));
    const hits = columns.map((column) =>
      column === undefined ? 'toInt64(0)' : `sumIf(sum_hits, ${column} IS NOT NULL)`,
    );
    return totals(`sum_${period}`, hits, `${this.tables.path('records')} FINAL`, [
      within(`sum_${period}`, ranges),
      ...datesOf('date', period, ranges),
      ...notCounted(period, ranges, state),
      ...byThemselves(period, state),
    ]);
  }
}

function totals(
  bucket: string,
  hits: readonly string[],
  table: string,
  terms: readonly string[],
): string {
  const named = hits.map((each, at) => `${each} AS t${at}`);
  return (
    `SELECT ${bucket} AS bucket, ${named.join(', ')} FROM ${table} ` +
    `WHERE ${terms.join(' AND ')} GROUP BY bucket`
  );
}

function isOneOf(dimensions: readonly string[]): string {
  return `dimension IN (${dimensions.map(literal).join(', ')})`;
}

function ofDimensions(dimensions: readonly string[]): string[] {
  return dimensions.map((dimension) => `sumIf(hits, dimension = ${literal(dimension)})`);
}
