import type { ColumnKind } from '../layout/column.js';
import { columnList, definitions } from './definitions.js';
import type { SqlDialect } from './dialect.js';

// Text is ordered by bytes: by the database's own collation, orders would differ between servers.
const TYPES: Record<ColumnKind, string> = {
  id: 'uuid',
  word: 'text collate "C"',
  keyId: 'text collate "C"',
  instant: 'bigint',
  text: 'text collate "C"',
  json: 'jsonb',
  integer: 'integer',
  bigint: 'bigint',
  flag: 'boolean',
  real: 'double precision',
};

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: (position) => `$${position}`,
  columnType: (kind) => TYPES[kind],

  columnsOf: (table) => ({
    sql:
      'select attname as name from pg_attribute ' +
      'where attrelid = to_regclass($1) and attnum > 0 and not attisdropped',
    values: [table.path],
  }),

  createTable: (table, primaryKey, indexes) => [
    `create table ${table.path} (${definitions(table, primaryKey).join(', ')})`,
    ...indexes.map(
      ({ suffix, properties }) =>
        `create index ${table.indexName(suffix)} on ${table.path} ` +
        `(${columnList(table, properties)})`,
    ),
  ],

  // "create schema if not exists" asks for the right to create one even where it exists.
  *prepareSchema({ schema, dialect }) {
    if (schema === null) return;
    const sql = 'select 1 as found from pg_namespace where nspname = $1';
    const { rows } = yield { sql, values: [schema] };
    if (rows.length === 0) yield { sql: `create schema ${dialect.quote(schema)}`, values: [] };
  },
  among: (expression, ids) => ({ sql: `${expression} = any($1::uuid[])`, value: ids }),

  // One array for each column: the same text for every size, far below the limit of bound values.
  *insert(table, rows) {
    const arrays = table.columns.map(
      ({ kind }, index) => `$${index + 1}::${TYPES[kind].replace(/ collate.*/, '')}[]`,
    );
    const { changes } = yield {
      sql:
        `insert into ${table.path} (${table.columnList}) ` +
        `select * from unnest(${arrays.join(', ')}) on conflict do nothing`,
      values: table.columns.map((_, index) => rows.map((row) => row[index] ?? null)),
    };
    return changes;
  },
};
