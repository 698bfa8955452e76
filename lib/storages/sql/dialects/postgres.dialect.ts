import type { ColumnKind, SqlValue, TableShape } from './shapes.js';
import {
  addition,
  columnList,
  definitions,
  partialIndex,
  quoted,
  upsertChanges,
} from './definitions.js';
import type { SqlStatement } from '../sql-statement.js';
import { BUCKET_KEY, SUM_KEY } from './sum-key.js';
import type { SqlDialect, SqlRows } from './dialect.js';
import { postgresFilters } from './postgres-filters.js';

// The collation "C" orders text by bytes. The database's own collation would order it differently
// on each server.
const TYPES: Record<ColumnKind, string> = {
  id: 'uuid',
  word: 'text collate "C"',
  key: 'text collate "C"',
  instant: 'bigint',
  text: 'text collate "C"',
  json: 'jsonb',
  integer: 'integer',
  bigint: 'bigint',
  flag: 'boolean',
  real: 'double precision',
};

// An arbitrary number that other users of advisory locks are unlikely to have chosen.
const LOCK_FAMILY = 1_953_853_801;

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  filters: postgresFilters,
  quote: quoted,
  placeholder: (position) => `$${position}`,
  columnType: (kind) => TYPES[kind],

  columnsOf: (table) => ({
    sql:
      'select attname as name from pg_attribute ' +
      'where attrelid = to_regclass($1) and attnum > 0 and not attisdropped',
    values: [table.path],
  }),

  createTable: (table, primaryKey) =>
    `create table ${table.path} (${definitions(postgresDialect, table, primaryKey).join(', ')})`,

  *addColumns(table, columns) {
    yield { sql: addition(postgresDialect, table, columns), values: [] };
  },

  findIndex: (table, suffix) => ({
    sql:
      'select i.indisvalid as usable from pg_index i join pg_class c on c.oid = i.indexrelid ' +
      'where i.indrelid = to_regclass($1) and c.relname = $2',
    values: [table.path, table.indexName(suffix)],
  }),
  createIndex: partialIndex,
  dropIndex: (table, suffix) =>
    `drop index ${table.schema === null ? '' : `${quoted(table.schema)}.`}` +
    quoted(table.indexName(suffix)),

  // "create schema if not exists" needs the privilege to create schemas even if the schema exists.
  *prepareSchema({ schema }) {
    if (schema === null) return;
    const sql = 'select 1 as found from pg_namespace where nspname = $1';
    const { rows } = yield { sql, values: [schema] };
    if (rows.length === 0) yield { sql: `create schema ${quoted(schema)}`, values: [] };
  },
  among: (expression, ids) => ({ sql: `${expression} = any($1::uuid[])`, values: [ids] }),
  amongKeys: (date, id, keys) => ({
    sql: `(${date}, ${id}) in (select * from unnest($1::bigint[], $2::uuid[]))`,
    values: [keys.map(([instant]) => instant), keys.map(([, each]) => each)],
  }),

  *lockShared({ records }) {
    yield advisoryLock('pg_advisory_xact_lock_shared', records);
  },
  *lockExclusive({ records }) {
    yield advisoryLock('pg_advisory_xact_lock', records);
  },

  // One array for each column: the statement has one text for every number of rows, and stays far
  // below the limit of bound values.
  *insert(table, rows) {
    const { changes } = yield insertion(table, rows, 'on conflict do nothing');
    return changes;
  },

  *upsert(table, shape, rows) {
    const changes = upsertChanges(table, shape, {
      stored: (column) => `t.${column}`,
      given: (column) => `excluded.${column}`,
      extremes: ['least', 'greatest'],
    });
    const end = `on conflict (${columnList(table, shape.key)}) do update set ${changes}`;
    yield insertion(table, rows, end);
  },

  // One array for each part of the key: one bound value for each part of each key would exceed the
  // limit.
  *readBuckets(table, buckets) {
    const names = BUCKET_KEY.map((each) => table.column(each));
    const { rows } = yield {
      sql:
        'select s.* from unnest($1::text[], $2::text[], $3::bigint[]) k(a, b, c) ' +
        `cross join lateral (select ${table.selectList('t')} from ${table.path} t ` +
        `where t.${names[0]} = k.a and t.${names[1]} = k.b and t.${names[2]} = k.c) s`,
      values: BUCKET_KEY.map((each) => buckets.map((bucket) => bucket[each])),
    };
    return [...rows];
  },

  // Looks up one primary key after the other, so that rows are locked in the given order.
  *lockSums(table, keys) {
    const names = SUM_KEY.map((each) => table.column(each));
    const { rows } = yield {
      sql:
        'select s.dimension, s.period, s.date, s.key, s.latency ' +
        'from unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) k(a, b, c, d) ' +
        `cross join lateral (select ${table.selectList('t')} from ${table.path} t ` +
        `where t.${names[0]} = k.a and t.${names[1]} = k.b and t.${names[2]} = k.c ` +
        `and t.${names[3]} = k.d for update) s`,
      values: SUM_KEY.map((each) => keys.map((key) => key[each])),
    };
    return [...rows];
  },
};

function advisoryLock(lock: string, table: TableShape): SqlStatement {
  return { sql: `select ${lock}($1, hashtext($2))`, values: [LOCK_FAMILY, table.path] };
}

function insertion(table: TableShape, rows: SqlRows, end: string): SqlStatement {
  const values = table.columns.map((): SqlValue[] => []);
  for (const row of rows)
    for (let at = 0; at < values.length; at++) values[at]!.push(row[at] ?? null);
  const arrays = table.columns.map(
    ({ kind }, index) => `$${index + 1}::${TYPES[kind].replace(/ collate.*/, '')}[]`,
  );
  return {
    sql:
      `insert into ${table.path} as t (${table.columnList}) ` +
      `select * from unnest(${arrays.join(', ')}) ${end}`,
    values,
  };
}
