import type { ColumnKind } from '../layout/column.js';
import type { BucketTable } from '../layout/sql-layout.js';
import { columnList, definitions } from './definitions.js';
import { keysByBucket, SUM_KEY } from '../summaries/sum-key.js';
import type { SqlDialect } from './dialect.js';

const INDEXED_LENGTH = 64;

const quote = (identifier: string) => `\`${identifier.replaceAll('`', '``')}\``;

/** MySQL and MariaDB; they differ in the collation that compares text exactly. */
export function mysqlDialect(collation: string): SqlDialect {
  const text = `character set utf8mb4 collate ${collation}`;
  const types: Record<ColumnKind, string> = {
    id: 'char(36) character set ascii collate ascii_bin',
    word: `varchar(64) ${text}`,
    key: `varchar(108) ${text}`,
    instant: 'bigint',
    text: `mediumtext ${text}`,
    json: 'json',
    integer: 'integer',
    bigint: 'bigint',
    flag: 'tinyint(1)',
    real: 'double',
  };
  return {
    name: 'mysql',
    quote,
    placeholder: () => '?',
    columnType: (kind) => types[kind],

    columnsOf: ({ schema, name }) => ({
      sql:
        'select column_name as name from information_schema.columns ' +
        'where table_schema = coalesce(?, database()) and table_name = ?',
      values: [schema, name],
    }),

    createTable(table, primaryKey, indexes) {
      const lines = [
        ...definitions(table, primaryKey),
        ...indexes.map(
          ({ suffix, properties }) =>
            `index ${quote(table.indexName(suffix))} (${columnList(table, properties)})`,
        ),
      ];
      return [`create table ${table.path} (${lines.join(', ')}) engine = InnoDB ${text}`];
    },

    findIndex: (table, suffix) => ({
      sql:
        'select 1 as found from information_schema.statistics where ' +
        'table_schema = coalesce(?, database()) and table_name = ? and index_name = ?',
      values: [table.schema, table.name, table.indexName(suffix)],
    }),
    // Text has no length that could be indexed as a whole.
    createIndex: (table, { suffix, properties: [first, ...rest] }) =>
      `create index ${quote(table.indexName(suffix))} on ${table.path} ` +
      `(${[`${table.column(first!)}(${INDEXED_LENGTH})`, ...rest.map((each) => table.column(each))].join(', ')})`,
    dropIndex: (table, suffix) => `drop index ${quote(table.indexName(suffix))} on ${table.path}`,

    *prepareSchema({ schema, dialect }) {
      if (schema === null) return;
      const sql = 'select 1 as found from information_schema.schemata where schema_name = ?';
      const { rows } = yield { sql, values: [schema] };
      if (rows.length === 0) yield { sql: `create database ${dialect.quote(schema)}`, values: [] };
    },
    among: (expression, ids) => ({ sql: `${expression} in (?)`, value: ids }),

    // The row of no bucket is there to be locked.
    *joinWriters({ buckets }) {
      yield { sql: `${lockRow(buckets)} lock in share mode`, values: [] };
    },
    *stopWriters({ buckets }) {
      yield { sql: `${lockRow(buckets)} for update`, values: [] };
    },

    // "insert ignore" would let values through cut; a repeated id is found by its error.
    *insert(table, rows) {
      const sql = `insert into ${table.path} (${table.columnList}) values ?`;
      try {
        yield { sql, values: [rows] };
      } catch (error) {
        if (isDuplicate(error)) return 0;
        throw error;
      }
      return rows.length;
    },

    *upsert(table, { add, set }, rows) {
      const changes = [
        ...add.map(
          (each) => `${table.column(each)} = ${table.column(each)} + values(${table.column(each)})`,
        ),
        ...set.map((each) => `${table.column(each)} = values(${table.column(each)})`),
      ];
      yield {
        sql:
          `insert into ${table.path} (${table.columnList}) values ? ` +
          `on duplicate key update ${changes.join(', ')}`,
        values: [rows],
      };
    },

    // A list of keys for each bucket: the server finds the rows, and locks them, in their order.
    *lockSums(table, keys) {
      const [dimension, period, date, key] = SUM_KEY.map((each) => `t.${table.column(each)}`);
      const term = `(${dimension} = ? and ${period} = ? and ${date} = ? and ${key} in (?))`;
      const buckets = keysByBucket(keys);
      const { rows } = yield {
        sql:
          `select ${table.selectList('t')} from ${table.path} t ` +
          `where ${buckets.map(() => term).join(' or ')} for update`,
        values: buckets.flatMap((run) => [
          run[0]!.dimension,
          run[0]!.period,
          run[0]!.date,
          run.map((each) => each.key),
        ]),
      };
      return [...rows];
    },
  };
}

function lockRow(buckets: BucketTable): string {
  return (
    `select 1 as found from ${buckets.path} where ${buckets.column('dimension')} = '' ` +
    `and ${buckets.column('period')} = '' and ${buckets.column('date')} = 0`
  );
}

function isDuplicate(error: unknown): boolean {
  return (error as { errno?: unknown }).errno === 1062;
}
