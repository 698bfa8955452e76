import mysql from 'mysql2/promise';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { incrementsOf } from '../ingest/increments.js';
import { askedOf, type Database, type RawSide, type TableNames } from './database.js';
import { assignments, COLUMNS, rowOfIncrement, SUM_COLUMNS, valuesOf } from './sql-rows.js';

const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

/** @param variable The environment's variable that holds the server's address. */
export function mysqlServer(title: string, variable: string): Database {
  const url = () => process.env[variable]!;
  return {
    title,
    variable,
    columns: true,
    raw: 'mysql2: one multi-row statement for each batch, rows and sums in one transaction',
    storage: (_scratch, tables, hooks) => new SqlStorage({ url: url(), hooks, ...tables }),
    openRaw: (_scratch, tables) => openRaw(url(), tables),

    // The server tells sizes as of the last time that it counted them.
    async settle(_storage, { recordTable, summaryTable }) {
      const connection = await mysql.createConnection(url());
      for (const table of [recordTable, summaryTable, `${summaryTable}_buckets`])
        await connection.query(`analyze table ${table}`);
      await connection.end();
    },

    async drop(_scratch, { recordTable, summaryTable }) {
      const connection = await mysql.createConnection(url());
      for (const table of [recordTable, summaryTable, `${summaryTable}_buckets`])
        await connection.query(`drop table if exists ${table}`);
      await connection.end();
    },
  };
}

async function openRaw(
  url: string,
  { recordTable: records, summaryTable: summaries }: TableNames,
): Promise<RawSide> {
  const connection = await mysql.createConnection(url);
  const insertRecords = `insert into ${records} (${quoted(COLUMNS)}) values ?`;
  const upsertSums =
    `insert into ${summaries} (${quoted(SUM_COLUMNS)}) values ? on duplicate key update ` +
    assignments(
      ['least', 'greatest'],
      (name) => name,
      (name) => `values(${name})`,
    );
  const select = async (sql: string, values: unknown[]) =>
    (await connection.query<mysql.RowDataPacket[]>(sql, values))[0];
  const page = `select * from ${records} order by date desc, id desc limit ? offset ?`;
  const next =
    `select * from ${records} where date <= ? and (date < ? or id < ?) ` +
    `order by date desc, id desc limit 500`;
  const sums =
    `select * from ${summaries} where dimension = 'url' and period = ? and date >= ? ` +
    `and date <= ? order by date desc, \`key\` limit ?`;
  const grouped =
    'select method, route, status, count(*) as hits, sum(status >= 500) as errors ' +
    `from ${records} where ua_platform = ? and date >= ? and date <= ? ` +
    'group by method, route, status order by hits desc limit ?';
  return {
    async write(batch, withSums) {
      if (withSums) await connection.query('begin');
      await connection.query(insertRecords, [batch.map(valuesOf)]);
      if (!withSums) return;
      await connection.query(upsertSums, [incrementsOf(batch).map(rowOfIncrement)]);
      await connection.query('commit');
    },
    page: (limit, offset) => select(page, [limit, offset]),
    async *stream() {
      let [date, id] = [Number.MAX_SAFE_INTEGER, 'g'];
      for (;;) {
        const rows = await select(next, [date, date, id]);
        yield* rows;
        const last = rows.at(-1);
        if (!last) return;
        ({ date, id } = last as unknown as { date: number; id: string });
      }
    },
    sums: (period, first, last, limit) => select(sums, [period, first, last, limit]),
    count: async () => Number((await select(`select count(*) n from ${records}`, []))[0]?.['n']),
    byRoute: (question) => select(grouped, askedOf(question)),
    plan: async (question) =>
      (await select(`explain ${grouped}`, askedOf(question))).map((row) => JSON.stringify(row)),
    explain: async (sql, values) =>
      (await select(`explain ${sql}`, [...values])).map((row) => JSON.stringify(row)),
    close: () => connection.end(),
  };
}
