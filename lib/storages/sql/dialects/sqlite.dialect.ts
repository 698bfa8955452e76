import type { ColumnKind, SqlRow } from './shapes.js';
import { BUCKET_KEY, SUM_KEY } from './sum-key.js';
import {
  addition,
  columnList,
  definitions,
  partialIndex,
  quoted,
  upsertChanges,
} from './definitions.js';
import type { SqlDialect } from './dialect.js';
import { sqliteFilters } from './sqlite-filters.js';

const TYPES: Record<ColumnKind, string> = {
  id: 'text',
  word: 'text',
  key: 'text',
  instant: 'integer',
  text: 'text',
  json: 'text',
  integer: 'integer',
  bigint: 'integer',
  flag: 'boolean',
  real: 'real',
};

export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  filters: sqliteFilters,
  quote: quoted,
  placeholder: () => '?',
  columnType: (kind) => TYPES[kind],

  columnsOf: (table) => ({ sql: 'select name from pragma_table_info(?)', values: [table.name] }),

  // The library reads a table with a key of several columns in the order of that key.
  createTable: (table, primaryKey, isClustered = primaryKey.length > 1) =>
    `create table ${table.path} (${definitions(sqliteDialect, table, primaryKey).join(', ')})` +
    (isClustered ? ' without rowid' : ''),

  *addColumns(table, columns) {
    for (const column of columns)
      yield { sql: addition(sqliteDialect, table, [column]), values: [] };
  },

  findIndex: (table, suffix) => ({
    sql: "select true as usable from sqlite_master where type = 'index' and tbl_name = ? and name = ?",
    values: [table.name, table.indexName(suffix)],
  }),
  createIndex: partialIndex,
  dropIndex: (table, suffix) => `drop index ${quoted(table.indexName(suffix))}`,

  *prepareSchema() {},
  among: (expression, ids) => ({
    sql: `${expression} in (select value from json_each(?))`,
    values: [JSON.stringify(ids)],
  }),
  amongKeys: (date, id, keys) => ({
    sql:
      `(${date}, ${id}) in ` +
      "(select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?))",
    values: [JSON.stringify(keys)],
  }),

  // SQLite runs one writing transaction at a time, so it needs no further lock.
  *lockShared() {},
  *lockExclusive() {},

  // One statement for each row is faster here than one for many rows: there is no network round
  // trip.
  *insert(table, rows) {
    const marks = table.columns.map(() => '?').join(', ');
    const sql = `insert into ${table.path} (${table.columnList}) values (${marks}) on conflict do nothing`;
    return (yield { sql, values: [], forEach: rows }).changes;
  },

  *upsert(table, shape, rows) {
    const marks = table.columns.map(() => '?').join(', ');
    const changes = upsertChanges(table, shape, {
      stored: (column) => column,
      given: (column) => `excluded.${column}`,
      extremes: ['min', 'max'],
    });
    const sql =
      `insert into ${table.path} (${table.columnList}) values (${marks}) ` +
      `on conflict (${columnList(table, shape.key)}) do update set ${changes}`;
    yield { sql, values: [], forEach: rows };
  },

  // Runs one prepared statement for each bucket: one statement for all would be too large for
  // SQLite's parser.
  *readBuckets(table, buckets) {
    const sql =
      `select ${table.selectList('t')} from ${table.path} t where ` +
      BUCKET_KEY.map((each) => `t.${table.column(each)} = ?`).join(' and ');
    const found: SqlRow[] = [];
    for (const { dimension, period, date } of buckets)
      found.push(...(yield { sql, values: [dimension, period, date] }).rows);
    return found;
  },

  // Runs one prepared statement for each row. There is nothing to lock.
  *lockSums(table, keys) {
    const sql =
      `select ${table.column('latency')} as latency from ${table.path} where ` +
      SUM_KEY.map((each) => `${table.column(each)} = ?`).join(' and ');
    const found: SqlRow[] = [];
    for (const { dimension, period, date, key } of keys) {
      const { rows } = yield { sql, values: [dimension, period, date, key] };
      if (rows[0]) found.push({ dimension, period, date, key, latency: rows[0]['latency'] });
    }
    return found;
  },
};
