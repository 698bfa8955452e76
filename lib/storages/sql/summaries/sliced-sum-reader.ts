import type { UsageSum } from '../../../summary/index.js';
import type { SumPageQuery } from '../../base/storage-parts.js';
import type { SqlRow } from '../dialects/shapes.js';
import { stoppable } from '../engines/stoppable-reading.js';
import { PAUSE, type SqlScript } from '../sql-statement.js';
import { usageSumOfRow } from './sum-rows.js';
import { SumScanner } from './sum-scanner.js';
import type { SumReader } from './sum-reader.js';

const ROWS_AT_ONCE = 250;
/** Computing the percentiles of a row costs more than reading it. */
const SUMS_AT_ONCE = 50;

/** Reads a page in this thread, bucket by bucket, by short statements. */
export class SlicedSumReader extends SumScanner implements SumReader {
  readonly isSequential = true;
  readonly readsLatencyLate = 'always';

  page(query: SumPageQuery): Promise<UsageSum[]> {
    const rows = query.order === 'hits' ? this.byHits(query) : this.byDate(query);
    return stoppable(this.engine, query.signal).steps(function* () {
      const sums: UsageSum[] = [];
      for (const row of yield* rows) {
        sums.push(usageSumOfRow(row));
        if (sums.length % SUMS_AT_ONCE === 0) yield PAUSE;
      }
      return sums;
    });
  }

  private *byDate(query: SumPageQuery): SqlScript<SqlRow[]> {
    const { limit } = query;
    const found: SqlRow[] = [];
    let skip = query.offset;
    for (let date = yield* this.bucketBefore(query, null); date !== null;) {
      const bucket = { ...query, range: { first: date, last: date } };
      const size = skip > 0 ? Number((yield this.queries.count(bucket)).rows[0]?.['n']) : Infinity;
      if (size <= skip) skip -= size;
      else {
        const before = found.length;
        yield* this.rows(bucket, skip, (rows) => {
          found.push(...rows.slice(0, limit - found.length));
          return found.length < limit;
        });
        if (found.length > before) skip = 0;
      }
      if (found.length === limit) break;
      date = yield* this.bucketBefore(query, date);
    }
    return found;
  }

  private *byHits(query: SumPageQuery): SqlScript<SqlRow[]> {
    const wanted = query.offset + query.limit;
    let best: SqlRow[] = [];
    for (let date = yield* this.bucketBefore(query, null); date !== null;) {
      const bucket = { ...query, range: { first: date, last: date } };
      yield* this.rows(bucket, 0, (rows) => {
        const worst = best.length >= wanted ? Number(best[wanted - 1]!['hits']) : -1;
        if (Number(rows[0]?.['hits'] ?? -1) <= worst) return false;
        // Newer buckets come first, and the sort is stable.
        best = [...best, ...rows].sort((a, b) => Number(b['hits']) - Number(a['hits']));
        best.length = Math.min(best.length, wanted);
        return true;
      });
      date = yield* this.bucketBefore(query, date);
    }
    return best.slice(query.offset);
  }

  private *rows(
    bucket: SumPageQuery,
    offset: number,
    take: (rows: readonly SqlRow[]) => boolean,
  ): SqlScript {
    for (let at = offset; ; at += ROWS_AT_ONCE) {
      const { rows } = yield this.queries.page({ ...bucket, limit: ROWS_AT_ONCE, offset: at });
      if (!take(rows) || rows.length < ROWS_AT_ONCE) return;
      yield PAUSE;
    }
  }

  private *bucketBefore(query: SumPageQuery, date: number | null): SqlScript<number | null> {
    const found = (yield this.queries.bucketBefore(query, date)).rows[0]?.['date'] ?? null;
    return found === null ? null : Number(found);
  }
}
