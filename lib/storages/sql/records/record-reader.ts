import type { UsageRecord } from '../../../record/index.js';
import { matches } from '../../base/query/matches.js';
import { pageOf } from '../../base/query/page-of.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import { Slice } from '../../../support/slice.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { stoppable } from '../engines/stoppable-reading.js';
import { RecordAdder } from './record-adder.js';
import type { RecordPosition } from './record-position.js';
import type { RecordQueries } from './record-queries.js';
import { recordOfRow } from './record-mapper.js';
import { aggregateInWindows } from './windowed-aggregate.js';

const STREAM_PAGE = 500;

/** Reads pages, counts and streams of records. */
export interface RecordReader {
  page(query: ParsedUsageQuery): Promise<UsageRecord[]>;
  count(filter: ParsedFilter): Promise<number>;
  /**
   * Yields all matching records, the newest first. Each page is read from the position where the
   * last one ended.
   */
  stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined>;
  aggregate?(query: AggregateQuery): AsyncIterable<readonly RecordAggregate[]> | null;
}

/**
 * Reads each page or count by one statement, in another thread or on a server. Conditions that SQL
 * cannot say are tested on the records that it finds.
 */
export class WholeRecordReader implements RecordReader {
  private readonly adder: RecordAdder;

  /**
   * @param sliced Reads by short statements what may have to be stopped, on a database that cannot
   * stop a statement.
   */
  constructor(
    private readonly engine: SqlEngine,
    private readonly queries: RecordQueries,
    private readonly sliced: RecordReader | null = null,
  ) {
    this.adder = new RecordAdder(queries);
  }

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    if (query.signal && this.sliced) return this.sliced.page(query);
    if (this.queries.rest(query).length > 0) return pageOf(query, (filter) => this.stream(filter));
    const records: UsageRecord[] = [];
    const engine = stoppable(this.engine, query.signal);
    for await (const rows of engine.parts(this.queries.page(query))) {
      const slice = new Slice();
      for (const row of rows) {
        records.push(recordOfRow(row));
        if (slice.isOver) await slice.next();
      }
    }
    return records;
  }

  async count(filter: ParsedFilter): Promise<number> {
    if (filter.signal && this.sliced) return this.sliced.count(filter);
    if (this.queries.rest(filter).length > 0) {
      let count = 0;
      for await (const _ of this.stream(filter)) count++;
      return count;
    }
    const engine = stoppable(this.engine, filter.signal);
    const [row] = await engine.read(this.queries.count(filter));
    return Number(row?.['n']);
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    if (filter.signal && this.sliced) {
      yield* this.sliced.stream(filter);
      return;
    }
    const engine = stoppable(this.engine, filter.signal);
    const isMatch = matches(this.queries.rest(filter));
    let last: RecordPosition | null = null;
    for (;;) {
      const rows = await engine.read(this.queries.after(last, STREAM_PAGE, filter));
      for (const row of rows) {
        const record = recordOfRow(row);
        last = record;
        if (isMatch(record)) yield record;
      }
      if (rows.length < STREAM_PAGE) return;
    }
  }

  aggregate(query: AggregateQuery): AsyncIterable<readonly RecordAggregate[]> | null {
    const { engine, queries, adder } = this;
    const { signal } = query.filter;
    if (!adder.canAdd(query)) return null;
    if (signal && this.sliced) return aggregateInWindows(engine, queries, adder, query);
    return adder.add(stoppable(engine, signal), query);
  }
}
