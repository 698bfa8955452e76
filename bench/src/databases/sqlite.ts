import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { incrementsOf } from '../ingest/increments.js';
import { askedOf, type Database, type RawSide, type TableNames } from './database.js';
import {
  assignments,
  COLUMNS,
  rowOfIncrement,
  SUM_COLUMNS,
  SUM_KEY,
  valuesOf,
} from './sql-rows.js';

const fileOf = (scratch: string, { recordTable }: TableNames) =>
  join(scratch, `${recordTable}.sqlite`);

export const database: Database = {
  title: 'SQLite',
  columns: true,
  raw: 'better-sqlite3: one prepared multi-row statement for each batch of records, one run of a prepared statement for each sum, in one transaction',
  rowByRow: true,
  storage: (scratch, tables, hooks) =>
    new SqlStorage({ database: fileOf(scratch, tables), hooks, ...tables }),

  async openRaw(scratch, tables): Promise<RawSide> {
    const db = new Sqlite(fileOf(scratch, tables));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    const { recordTable: records, summaryTable: summaries } = tables;
    const marks = (columns: string[]) => columns.map(() => '?').join(', ');
    const inserts = new Map<number, Sqlite.Statement>();
    const insertOf = (rows: number) => {
      let insert = inserts.get(rows);
      if (insert === undefined) {
        const values = new Array<string>(rows).fill(`(${marks(COLUMNS)})`).join(', ');
        insert = db.prepare(`insert into ${records} (${COLUMNS.join(', ')}) values ${values}`);
        inserts.set(rows, insert);
      }
      return insert;
    };
    let prepared: Sqlite.Statement | undefined;
    // Not before it is used: the tables of another version have other columns.
    const upsert = () =>
      (prepared ??= db.prepare(
        `insert into ${summaries} (${SUM_COLUMNS.join(', ')}) values (${marks(SUM_COLUMNS)}) ` +
          `on conflict (${SUM_KEY.join(', ')}) do update set ` +
          assignments(
            ['min', 'max'],
            (name) => name,
            (name) => `excluded.${name}`,
          ),
      ));
    const page = db.prepare(
      `select * from ${records} order by date desc, id desc limit ? offset ?`,
    );
    const next = db.prepare<unknown[], { date: number; id: string }>(
      `select * from ${records} where (date, id) < (?, ?) order by date desc, id desc limit 500`,
    );
    const sums = db.prepare(
      `select * from ${summaries} where dimension = 'url' and period = ? and date >= ? ` +
        `and date <= ? order by date desc, key limit ?`,
    );
    const grouped =
      'select method, route, status, count(*) as hits, sum(status >= 500) as errors ' +
      `from ${records} where ua_platform = ? and date >= ? and date <= ? ` +
      'group by method, route, status order by hits desc limit ?';
    type Records = Parameters<RawSide['write']>[0];
    const add = (batch: Records) => {
      for (const row of incrementsOf(batch)) upsert().run(rowOfIncrement(row));
    };
    const write = db.transaction((batch: Records, withSums: boolean) => {
      insertOf(batch.length).run(batch.flatMap(valuesOf));
      if (withSums) add(batch);
    });
    const writeRows = db.transaction((batch: Records, withSums: boolean) => {
      for (const record of batch) insertOf(1).run(valuesOf(record));
      if (withSums) add(batch);
    });
    return {
      writeRowByRow: async (batch, withSums) => writeRows.immediate(batch, withSums),
      write: async (batch, withSums) => write.immediate(batch, withSums),
      page: async (limit, offset) => page.all(limit, offset),
      async *stream() {
        let [date, id] = [Number.MAX_SAFE_INTEGER, ''];
        for (;;) {
          const rows = next.all(date, id);
          yield* rows;
          const last = rows.at(-1);
          if (!last) return;
          ({ date, id } = last);
        }
      },
      sums: async (period, first, last, limit) => sums.all(period, first, last, limit),
      byRoute: async (question) => db.prepare(grouped).all(...askedOf(question)),
      plan: async (question) =>
        db
          .prepare<unknown[], { detail: string }>(`explain query plan ${grouped}`)
          .all(...askedOf(question))
          .map(({ detail }) => detail),
      explain: async (sql, values) =>
        db
          .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
          .all(...values)
          .map(({ detail }) => detail),
      count: async () => db.prepare(`select count(*) from ${records}`).pluck().get() as number,
      close: async () => void db.close(),
    };
  },

  async drop() {},
};
