import type { UsageSum } from '../../../summary/index.js';
import { Slice } from '../engines/run-script.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { SumQueries, usageSumOfRow, type SumRowsQuery } from './sum-queries.js';

/** Reads pages of sums. */
export interface SumReader {
  page(query: SumRowsQuery): Promise<UsageSum[]>;
}

/** Reads a page by one statement, in another thread or on a server. */
export class WholeSumReader implements SumReader {
  private readonly queries: SumQueries;

  constructor(
    private readonly engine: SqlEngine,
    private readonly table: SummaryTable,
  ) {
    this.queries = new SumQueries(table);
  }

  async page(query: SumRowsQuery): Promise<UsageSum[]> {
    const sums: UsageSum[] = [];
    const statement = this.queries.page(await this.narrowed(query));
    for await (const rows of this.engine.parts(statement)) {
      const slice = new Slice();
      for (const row of rows) {
        sums.push(usageSumOfRow(row));
        if (slice.isOver) await slice.next();
      }
    }
    return sums;
  }

  // MariaDB sorts the rows of all buckets for a page of the newest.
  private async narrowed(query: SumRowsQuery): Promise<SumRowsQuery> {
    const { order, target, range } = query;
    if (this.table.dialect.name !== 'mysql' || order !== 'date' || target !== null) return query;
    const [row] = await this.engine.read(this.queries.lastDate(query));
    return row ? { ...query, range: { ...range, first: Number(row['date']) } } : query;
  }
}
