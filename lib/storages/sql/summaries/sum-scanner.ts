import { setImmediate as turn } from 'node:timers/promises';
import type {
  BucketTotal,
  ScannedSums,
  SumRangeQuery,
  SumScanQuery,
} from '../../base/storage-parts.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { PAUSE, type SqlScript } from '../sql-statement.js';
import { bucketTotalOf, scannedSumOf, SumQueries } from './sum-queries.js';

/** Rows of one statement in another thread or on a server, and in this thread. */
const ROWS_AT_ONCE = 2000;
const ROWS_IN_SLICE = 250;
/** Rows that one statement adds up in this thread. */
const ROWS_ADDED_UP = 2000;

/** Reads many rows of sums: each statement has a limit, and so has what is held of them. */
export class SumScanner {
  protected readonly queries: SumQueries;

  constructor(
    protected readonly engine: SqlEngine,
    protected readonly table: SummaryTable,
  ) {
    this.queries = new SumQueries(table);
  }

  async totals(query: SumRangeQuery): Promise<BucketTotal[]> {
    const { engine, queries } = this;
    const rows = engine.isBlocking
      ? await engine.steps(() => this.totalsInSlices(query))
      : await engine.read(queries.totals(query));
    return rows.map(bucketTotalOf);
  }

  async *scan(query: SumScanQuery): ScannedSums {
    const { ranges, withLatency, ...summary } = query;
    const { engine, queries } = this;
    const limit = engine.isBlocking ? ROWS_IN_SLICE : ROWS_AT_ONCE;
    for (const range of ranges) {
      let last: SqlRow | null = null;
      let count: number;
      do {
        count = 0;
        const statement = queries.scan({ ...summary, range }, withLatency, last, limit);
        for await (const rows of engine.parts(statement)) {
          count += rows.length;
          last = rows.at(-1) ?? last;
          yield rows.map(scannedSumOf);
        }
        await turn();
      } while (count === limit);
    }
  }

  private *totalsInSlices(query: SumRangeQuery): SqlScript<SqlRow[]> {
    const { queries } = this;
    const found: SqlRow[] = [];
    for (let { first } = query.range; ;) {
      const rest = { ...query, range: { first, last: query.range.last } };
      const end = (yield queries.dateAt(ROWS_ADDED_UP, rest)).rows[0]?.['date'];
      const last = end === undefined ? query.range.last : Number(end);
      const { rows } = yield queries.totals({ ...rest, range: { first, last } });
      for (const row of rows) found.push(row);
      if (end === undefined) return found;
      first = Number(end) + 1;
      yield PAUSE;
    }
  }
}
