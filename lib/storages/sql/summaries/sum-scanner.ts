import { setImmediate as turn } from 'node:timers/promises';
import type {
  BucketTotal,
  ScannedSums,
  SumRangeQuery,
  SumScanQuery,
  UnmeasuredBucket,
  SumsRangeQuery,
} from '../../base/storage-parts.js';
import { unwantedMeasures } from '../../base/unwanted-measures.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { stoppable } from '../engines/stoppable-reading.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { PAUSE, type SqlScript } from '../sql-statement.js';
import { isWhole, mergedSumOf, mergedSums, type MergedSumsQuery } from './merged-sums.js';
import { SumQueries, type KeyedRangeQuery } from './sum-queries.js';
import { bucketTotalOf, scannedSumOf } from './sum-rows.js';

/** Rows of one statement in another thread or on a server, and in this thread. */
const ROWS_AT_ONCE = 2000;
const ROWS_IN_SLICE = 250;
/** Ranges of one statement. */
const RANGES_AT_ONCE = 50;
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
    const engine = stoppable(this.engine, query.signal);
    const rows = this.engine.isBlocking
      ? await engine.steps(() => this.totalsInSlices(query))
      : await engine.read(this.queries.totals(query));
    return rows.map(bucketTotalOf);
  }

  async oldestBucket({
    dimension,
    signal,
  }: Pick<SumRangeQuery, 'dimension' | 'signal'>): Promise<number | null> {
    const engine = stoppable(this.engine, signal);
    const [row] = await engine.read(this.queries.firstDate(dimension, null));
    return row?.['date'] == null ? null : Number(row['date']);
  }

  async unmeasured(query: SumsRangeQuery): Promise<UnmeasuredBucket[]> {
    const { queries } = this;
    const engine = stoppable(this.engine, query.signal);
    const { isBlocking } = this.engine;
    const found: UnmeasuredBucket[] = [];
    // In this thread, a statement adds up no more than a few rows.
    for (const dimension of isBlocking ? query.dimensions : [])
      for (const { bucket, hits, measured } of await this.totals({ ...query, dimension }))
        if (hits !== measured) found.push({ dimension, bucket, more: hits - measured });
    if (isBlocking || query.dimensions.length === 0) return found;
    return (await engine.read(queries.unmeasured(query))).map((row) => ({
      dimension: row['dimension'] as string,
      bucket: Number(row['date']),
      more: Number(row['more']),
    }));
  }

  async *scan(query: SumScanQuery): ScannedSums {
    const { ranges, withLatency, measures, mergesBuckets, ...summary } = query;
    const left = [...unwantedMeasures(measures), ...(withLatency ? [] : ['latency'])];
    // A statement that adds up many rows would hold this thread.
    const merges = mergesBuckets && !this.engine.isBlocking;
    for (const some of merges ? parts(ranges, RANGES_AT_ONCE) : [])
      yield* this.merged({ ...summary, ranges: some }, left);
    for (const range of merges ? [] : ranges) yield* this.scanned({ ...summary, range }, left);
  }

  private async *merged(query: MergedSumsQuery, left: readonly string[]): ScannedSums {
    const { table } = this;
    const { ranges, ...summary } = query;
    const engine = stoppable(this.engine, query.signal);
    const cut: SqlRow[] = [];
    for await (const rows of engine.parts(mergedSums(table, query, left))) {
      cut.push(...rows.filter((row) => !isWhole(row)));
      yield rows.filter(isWhole).map(mergedSumOf);
    }
    for (const row of cut)
      for (const range of ranges)
        yield* this.scanned({ ...summary, range, keys: [mergedSumOf(row).key] }, left);
  }

  private async *scanned(query: KeyedRangeQuery, left: readonly string[]): ScannedSums {
    const { queries } = this;
    const engine = stoppable(this.engine, query.signal);
    const limit = this.engine.isBlocking ? ROWS_IN_SLICE : ROWS_AT_ONCE;
    let last: SqlRow | null = null;
    let count: number;
    do {
      count = 0;
      const statement = queries.scan(query, left, last, limit);
      for await (const rows of engine.parts(statement)) {
        count += rows.length;
        last = rows.at(-1) ?? last;
        yield rows.map(scannedSumOf);
      }
      await turn();
    } while (count === limit);
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

function* parts<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
