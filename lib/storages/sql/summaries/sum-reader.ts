import type { UsageSum } from '../../../summary/index.js';
import type { SumPageQuery } from '../../base/storage-parts.js';
import { Slice } from '../../../support/slice.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { stoppable, type StoppableReading } from '../engines/stoppable-reading.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { usageSumOfRow } from './sum-rows.js';
import { SumScanner } from './sum-scanner.js';

/** Reads pages of sums. */
export interface SumReader {
  readonly isSequential: boolean;
  page(query: SumPageQuery): Promise<UsageSum[]>;
}

/** Reads a page by one statement, in another thread or on a server. */
export class WholeSumReader extends SumScanner implements SumReader {
  // A server answers the pages of the three periods at once. SQLite reads one after the other, so
  // this thread processes them one after the other too.
  readonly isSequential: boolean;
  /** On a server, a statement more takes longer than the latency of some hundred keys. */
  readonly readsLatencyLate: 'always' | 'filtered';

  /** @param sliced As `WholeRecordReader` has it. */
  constructor(
    engine: SqlEngine,
    table: SummaryTable,
    private readonly sliced: SumReader | null = null,
  ) {
    super(engine, table);
    this.isSequential = table.dialect.name === 'sqlite';
    this.readsLatencyLate = this.isSequential ? 'always' : 'filtered';
  }

  async page(query: SumPageQuery): Promise<UsageSum[]> {
    if (query.signal && this.sliced) return this.sliced.page(query);
    const sums: UsageSum[] = [];
    const engine = stoppable(this.engine, query.signal);
    const statement = this.queries.page(await this.narrowed(query, engine));
    for await (const rows of engine.parts(statement)) {
      const slice = new Slice();
      for (const row of rows) {
        sums.push(usageSumOfRow(row));
        if (slice.isOver) await slice.next();
      }
    }
    return sums;
  }

  // MariaDB sorts the rows of all buckets to return the newest page, so the range is narrowed
  // first.
  private async narrowed(query: SumPageQuery, engine: StoppableReading): Promise<SumPageQuery> {
    const { order, key, range } = query;
    if (this.table.dialect.name !== 'mysql' || order !== 'date' || key !== null) return query;
    const [row] = await engine.read(this.queries.lastDate(query));
    return row ? { ...query, range: { ...range, first: Number(row['date']) } } : query;
  }
}
