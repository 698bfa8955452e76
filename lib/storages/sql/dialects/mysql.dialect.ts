import type { ColumnKind } from '../layout/column.js';
import { columnList, definitions } from './definitions.js';
import type { SqlDialect } from './dialect.js';

/** MySQL and MariaDB; they differ in the collation that compares text exactly. */
export function mysqlDialect(collation: string): SqlDialect {
  const text = `character set utf8mb4 collate ${collation}`;
  const types: Record<ColumnKind, string> = {
    id: 'char(36) character set ascii collate ascii_bin',
    word: `varchar(64) ${text}`,
    keyId: `varchar(128) ${text}`,
    instant: 'bigint',
    text: `text ${text}`,
    json: 'json',
    integer: 'integer',
    bigint: 'bigint',
    flag: 'tinyint(1)',
    real: 'double',
  };
  return {
    name: 'mysql',
    quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
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
            `index ${table.indexName(suffix)} (${columnList(table, properties)})`,
        ),
      ];
      return [`create table ${table.path} (${lines.join(', ')}) engine = InnoDB ${text}`];
    },

    *prepareSchema({ schema, dialect }) {
      if (schema === null) return;
      const sql = 'select 1 as found from information_schema.schemata where schema_name = ?';
      const { rows } = yield { sql, values: [schema] };
      if (rows.length === 0) yield { sql: `create database ${dialect.quote(schema)}`, values: [] };
    },
    among: (expression, ids) => ({ sql: `${expression} in (?)`, value: ids }),

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
  };
}

function isDuplicate(error: unknown): boolean {
  return (error as { errno?: unknown }).errno === 1062;
}
