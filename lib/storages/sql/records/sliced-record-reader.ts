import { setImmediate as turn } from 'node:timers/promises';
import { FIELD_BY_PATH, type UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { matches } from '../../base/query/matches.js';
import { pageOf, TopRecords } from '../../base/query/page-of.js';
import { NEWEST_FIRST, recordComparer, type RecordOrder } from '../../base/query/record-order.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { stoppable } from '../engines/stoppable-reading.js';
import { PAUSE, type SqlScript } from '../sql-statement.js';
import type { RecordPosition } from './record-position.js';
import type { RecordQueries } from './record-queries.js';
import type { RecordReader } from './record-reader.js';
import { recordOfRow } from './record-mapper.js';
import { nextWindow } from './record-windows.js';

const ROWS_AT_ONCE = 250;

/** The matching records of one window. */
interface Page {
  readonly records: readonly UsageRecord[];
  /** The position to continue from; null if all records were read. */
  readonly next: RecordPosition | null;
  /** How many matching records are still to be skipped. */
  readonly skip: number;
}

/**
 * Reads in this thread, by short statements. Conditions that SQL cannot say are tested on the records
 * that it finds.
 */
export class SlicedRecordReader implements RecordReader {
  constructor(
    private readonly engine: SqlEngine,
    private readonly queries: RecordQueries,
  ) {}

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, order = NEWEST_FIRST, after = null, ...filter } = query;
    if (order.field !== 'date') return this.ordered(query, order);
    if (!order.isDescending)
      return filter.where.length === 0
        ? this.oldest(query)
        : pageOf(query, (beyond) => this.stream(beyond));
    const records: UsageRecord[] = [];
    const read = (at: RecordPosition | null, skip: number) =>
      this.window(filter, at, skip, Math.min(ROWS_AT_ONCE, limit - records.length));
    await stoppable(this.engine, filter.signal).steps(function* () {
      let at: RecordPosition | null = after;
      let skip = offset;
      do {
        const page: Page = yield* read(at, skip);
        for (const record of page.records) records.push(record);
        ({ next: at, skip } = page);
      } while (at !== null && records.length < limit);
    });
    return records;
  }

  count(filter: ParsedFilter): Promise<number> {
    const { queries } = this;
    if (queries.rest(filter).length > 0) return this.testedCount(filter);
    return stoppable(this.engine, filter.signal).steps(function* () {
      let count = 0;
      let at: RecordPosition | null = null;
      do {
        const until: RecordPosition | null = yield* nextWindow(queries, filter, at);
        count += Number((yield queries.count(filter, at, until)).rows[0]?.['n']);
        at = until;
      } while (at !== null);
      return count;
    });
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const engine = stoppable(this.engine, filter.signal);
    let at: RecordPosition | null = null;
    do {
      const page: Page = await engine.steps(() => this.window(filter, at, 0, ROWS_AT_ONCE));
      yield* page.records;
      at = page.next;
      await turn();
    } while (at !== null);
  }

  /** Reads the oldest first. Without conditions each row of the index is one of the wanted. */
  private async oldest(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { queries } = this;
    const { limit, offset, signal } = query;
    return stoppable(this.engine, signal).steps(function* (): SqlScript<UsageRecord[]> {
      const records: UsageRecord[] = [];
      while (records.length < limit) {
        const size = Math.min(ROWS_AT_ONCE, limit - records.length);
        const part = { ...query, limit: size, offset: offset + records.length };
        const { rows } = yield queries.page(part);
        for (const row of rows) records.push(recordOfRow(row));
        yield PAUSE;
        if (rows.length < size) break;
      }
      return records;
    });
  }

  /** Reads window by window, without the records that the kept ones are before. */
  private async ordered(
    { limit, offset, ...filter }: ParsedUsageQuery,
    order: RecordOrder,
  ): Promise<UsageRecord[]> {
    const engine = stoppable(this.engine, filter.signal);
    const top = new TopRecords(offset + limit, recordComparer(order));
    const field = FIELD_BY_PATH.get(order.field)!;
    // Of equals the newest come first, and what is still to be read is older than what is kept.
    const op = order.isDescending ? 'gt' : 'lt';
    let where = filter.where;
    let at: RecordPosition | null = null;
    do {
      const page: Page = await engine.steps(() =>
        this.window({ ...filter, where }, at, 0, ROWS_AT_ONCE),
      );
      for (const record of page.records) await top.add(record);
      const bound = (await top.last())?.[order.field] as number | undefined;
      if (bound !== undefined)
        where = [
          ...filter.where,
          { operand: { kind: 'field', field }, test: { op, value: bound } },
        ];
      at = page.next;
      await turn();
    } while (at !== null);
    return (await top.sorted()).slice(offset);
  }

  private async testedCount(filter: ParsedFilter): Promise<number> {
    let count = 0;
    for await (const _ of this.stream(filter)) count++;
    return count;
  }

  private *window(
    filter: ParsedFilter,
    at: RecordPosition | null,
    skip: number,
    limit: number,
  ): SqlScript<Page> {
    const { queries } = this;
    const rest = queries.rest(filter);
    const until = yield* nextWindow(queries, filter, at);
    if (rest.length > 0) {
      const { rows } = yield queries.window(at, until, ROWS_AT_ONCE, 0, filter);
      yield PAUSE;
      const found = rows.map(recordOfRow);
      const matching = found.filter(matches(rest));
      const records = matching.slice(skip, skip + limit);
      // What is over the limit is read again by the next window.
      const last = skip + limit < matching.length ? records.at(-1) : found.at(-1);
      const isAll = rows.length < ROWS_AT_ONCE && skip + limit >= matching.length;
      const next = isAll || !last ? until : { date: last.date, id: last.id };
      return { records, next, skip: Math.max(skip - matching.length, 0) };
    }
    if (skip > 0 && until !== null) {
      const count = Number((yield queries.count(filter, at, until)).rows[0]?.['n']);
      if (count <= skip) return { records: [], next: until, skip: skip - count };
    }
    const { rows } = yield queries.window(at, until, limit, skip, filter);
    yield PAUSE;
    const records = rows.map(recordOfRow);
    const last = records.at(-1);
    const next = rows.length < limit || !last ? until : { date: last.date, id: last.id };
    return { records, next, skip: 0 };
  }
}
