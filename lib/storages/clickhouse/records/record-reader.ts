import type { UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { matches } from '../../base/query/matches.js';
import { pageOf } from '../../base/query/page-of.js';
import { NEWEST_FIRST, type RecordOrder, type RecordPlace } from '../../base/query/record-order.js';
import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import type { AggregateTerms } from '../../sql/dialects/aggregate-terms.js';
import { AggregateQueries } from '../../sql/records/aggregate-queries.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { quoted } from '../format/clickhouse-text.js';
import type { Tables } from '../format/tables.js';
import { Literals, RECORD_TABLE, restOf, whereOf } from './record-filters.js';
import { RECORD_NAMES, recordOfValues } from './record-mapper.js';

const STREAM_PAGE = 5000;
const COLUMNS = RECORD_NAMES.map((name) => `t.${quoted(name)}`).join(', ');
const NEWEST = 't.date DESC, t.id DESC';

// Both were computed when the record was stored.
const AGGREGATE_TERMS: Pick<AggregateTerms, 'weight' | 'isFraction' | 'slot' | 'quotient'> = {
  weight: () => 't.sum_hits',
  isFraction: () => '0',
  slot: () => 't.sum_slot',
  quotient: (dividend, divisor) => `intDiv(${dividend}, ${divisor})`,
};

/**
 * Reads records. A record may be stored more than once, in rows that are adjacent in the order of
 * dates: `FINAL`, or the first of them by revision, gives the one that counts.
 */
export class RecordReader {
  private readonly aggregates: AggregateQueries;

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {
    const path = tables.path('records');
    this.aggregates = new AggregateQueries({ ...RECORD_TABLE, path }, AGGREGATE_TERMS);
  }

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    if (restOf(query).length > 0) return pageOf(query, (filter) => this.stream(filter));
    const { limit, offset, order = NEWEST_FIRST, after, signal } = query;
    const where = whereOf(query, after ?? null, order.isDescending);
    const rows = await this.database.rows(
      this.select(where, order, `LIMIT ${limit} OFFSET ${offset}`),
      signal,
    );
    return rows.map(recordOfValues);
  }

  async count(filter: ParsedFilter): Promise<number> {
    if (restOf(filter).length > 0) {
      let count = 0;
      for await (const _ of this.stream(filter)) count++;
      return count;
    }
    const [row] = await this.database.rows(
      `SELECT count() FROM ${this.tables.path('records')} AS t FINAL ${whereOf(filter)}`,
      filter.signal,
    );
    return Number(row![0]);
  }

  /** Yields records, the newest first. Each page begins where the one before ended. */
  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const isMatch = matches(restOf(filter));
    let last: RecordPlace | null = null;
    for (;;) {
      const sql = this.select(whereOf(filter, last), NEWEST_FIRST, `LIMIT ${STREAM_PAGE}`);
      const rows = await this.database.rows(sql, filter.signal ?? null);
      for (const row of rows) {
        const record = recordOfValues(row);
        last = record;
        if (isMatch(record)) yield record;
      }
      if (rows.length < STREAM_PAGE) return;
    }
  }

  /** Adds records up in the server; null if it cannot say the question exactly. */
  aggregate(query: AggregateQuery): AsyncIterable<readonly RecordAggregate[]> | null {
    const { aggregates, database } = this;
    if (restOf(query.filter).length > 0) return null;
    if (!query.dimensions.every((dimension) => aggregates.canGroup(dimension))) return null;
    const { sql } = aggregates.statement(
      query,
      () => `FINAL ${whereOf(query.filter)}`,
      true,
      new Literals(),
    );
    return (async function* () {
      // Without any record, there would be a row of zeros.
      const found = `${sql} HAVING count() > 0`;
      for await (const rows of database.objects(found, query.filter.signal))
        yield aggregates.aggregates(query, rows);
    })();
  }

  /** Returns the first date of records at or after `from`; null if there is none. */
  async firstDate(from: number | null): Promise<number | null> {
    const where = from === null ? '' : `WHERE date >= ${from}`;
    const [row] = await this.database.rows(
      `SELECT min(date), count() FROM ${this.tables.path('records')} ${where}`,
    );
    return Number(row![1]) === 0 ? null : Number(row![0]);
  }

  /** Returns the date of the newest record; null if there are none. */
  async newest(signal: AbortSignal | null = null): Promise<number | null> {
    // Rows of one record have one date, so that none has to be chosen.
    const path = this.tables.path('records');
    const sql = `SELECT date FROM ${path} ORDER BY date DESC LIMIT 1`;
    const [row] = await this.database.rows(sql, signal);
    return row ? Number(row[0]) : null;
  }

  private select(where: string, { field, isDescending }: RecordOrder, end: string): string {
    const table = `FROM ${this.tables.path('records')} AS t`;
    const direction = isDescending ? 'DESC' : 'ASC';
    const order =
      field === 'date'
        ? `ORDER BY t.date ${direction}, t.id ${direction}`
        : `ORDER BY t.${RECORD_TABLE.column(field)} ${direction}, ${NEWEST}`;
    // In the order of the table, which is read no further than needed.
    const once = (slice: string) => `${order}, t.revision DESC LIMIT 1 BY t.date, t.id ${slice}`;
    if (where === '' && field === 'date') return `SELECT ${COLUMNS} ${table} ${once(end)}`;
    // Only what tells the records is read of all that match.
    const places = `SELECT t.date, t.id ${table} FINAL ${where} ${order} ${end}`;
    // Each shard would ask all shards anew for the list.
    const among = this.tables.cluster ? 'GLOBAL IN' : 'IN';
    return `SELECT ${COLUMNS} ${table} WHERE (t.date, t.id) ${among} (${places}) ${once('')}`;
  }
}
