import pg from 'pg';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { incrementsOf } from '../ingest/increments.js';
import { askedOf, type Database, type RawSide } from './database.js';
import {
  assignments,
  COLUMNS,
  rowOfIncrement,
  SUM_COLUMNS,
  SUM_KEY,
  valuesOf,
} from './sql-rows.js';

const VARIABLE = 'TRACK_USAGE_TEST_POSTGRES_URL';
const url = () => process.env[VARIABLE]!;
/** A statement takes at most 65,535 values. */
const ROWS_AT_ONCE = 4000;
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

export const database: Database = {
  title: 'PostgreSQL',
  variable: VARIABLE,
  columns: true,
  raw: 'pg: one multi-row statement of the same text for each batch, rows and sums in one transaction',
  storage: (_scratch, tables, hooks) => new SqlStorage({ url: url(), hooks, ...tables }),

  async openRaw(_scratch, { recordTable: records, summaryTable: summaries }): Promise<RawSide> {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    const flag = COLUMNS.indexOf('authorization');
    const insertRecords = `insert into ${records} (${quoted(COLUMNS)}) values `;
    const insertSums = `insert into ${summaries} (${quoted(SUM_COLUMNS)}) values `;
    const add =
      ` on conflict (${quoted(SUM_KEY)}) do update set ` +
      assignments(
        ['least', 'greatest'],
        (name) => `${summaries}.${name}`,
        (name) => `excluded.${name}`,
      );
    const texts = new Map<string, string>();
    const rowsText = (rows: number, columns: number) => {
      const id = `${rows} ${columns}`;
      let text = texts.get(id);
      if (text === undefined) {
        let at = 0;
        text = Array.from(
          { length: rows },
          () => `(${Array.from({ length: columns }, () => `$${++at}`).join(', ')})`,
        ).join(', ');
        texts.set(id, text);
      }
      return text;
    };
    const page = `select * from ${records} order by date desc, id desc limit $1 offset $2`;
    const next =
      `select * from ${records} where (date, id) < ($1, $2) ` +
      `order by date desc, id desc limit 500`;
    const sums =
      `select * from ${summaries} where dimension = 'url' and period = $1 and date >= $2 ` +
      `and date <= $3 order by date desc, key limit $4`;
    const grouped =
      'select method, route, status, count(*) as hits, ' +
      `count(*) filter (where status >= 500) as errors from ${records} ` +
      'where ua_platform = $1 and date >= $2 and date <= $3 ' +
      'group by method, route, status order by hits desc limit $4';
    return {
      async write(batch, withSums) {
        const values = batch.flatMap((record) => {
          const row: unknown[] = valuesOf(record);
          row[flag] = record.authorization;
          return row;
        });
        if (withSums) await client.query('begin');
        await client.query({
          name: `records ${batch.length}`,
          text: insertRecords + rowsText(batch.length, COLUMNS.length),
          values,
        });
        if (!withSums) return;
        const all = incrementsOf(batch);
        for (let at = 0; at < all.length; at += ROWS_AT_ONCE) {
          const rows = all.slice(at, at + ROWS_AT_ONCE);
          await client.query(
            insertSums + rowsText(rows.length, SUM_COLUMNS.length) + add,
            rows.flatMap(rowOfIncrement),
          );
        }
        await client.query('commit');
      },
      page: async (limit, offset) => (await client.query(page, [limit, offset])).rows,
      async *stream() {
        let [date, id] = ['9007199254740991', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
        for (;;) {
          const { rows } = await client.query<{ date: string; id: string }>(next, [date, id]);
          yield* rows;
          const last = rows.at(-1);
          if (!last) return;
          ({ date, id } = last);
        }
      },
      sums: async (...[period, first, last, limit]) =>
        (await client.query(sums, [period, first, last, limit])).rows,
      byRoute: async (question) => (await client.query(grouped, askedOf(question))).rows,
      plan: async (question) => {
        const { rows } = await client.query<Record<string, string>>(
          `explain analyze ${grouped}`,
          askedOf(question),
        );
        return rows.map((row) => row['QUERY PLAN']!);
      },
      explain: async (sql, values) => {
        const { rows } = await client.query<Record<string, string>>(`explain ${sql}`, [...values]);
        return rows.map((row) => row['QUERY PLAN']!);
      },
      count: async () =>
        Number((await client.query<{ n: string }>(`select count(*) n from ${records}`)).rows[0]?.n),
      close: () => client.end(),
    };
  },

  async drop(_scratch, { recordTable, summaryTable }) {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    for (const table of [recordTable, summaryTable, `${summaryTable}_buckets`])
      await client.query(`drop table if exists ${table}`);
    await client.end();
  },
};
