import type { SqlRow } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/**
 * Finds columns that do not compare text byte by byte. The migrations create none, but a table may
 * have been converted since. In such a column `ada` equals `Ada`, so erasing one erases both.
 *
 * @returns A warning with a remedy; null if there are none.
 */
export function* looseCollations(layout: SqlLayout): SqlScript<string | null> {
  const { records, summaries, buckets, salts, notes } = layout;
  const loose: string[] = [];
  for (const table of [records, summaries, buckets, salts, notes] as readonly Table[]) {
    const { rows } = yield collationsOf(table);
    const columns = rows.filter(isLoose).map((row) => `${table.path}.${String(row['name'])}`);
    loose.push(...columns);
  }
  if (loose.length === 0) return null;
  return (
    `The collation of ${loose.join(', ')} does not compare text byte by byte, so that names that ` +
    `differ in case or accents count, and are forgotten, as one. ${REMEDY[records.dialect.name]}`
  );
}

const REMEDY = {
  mysql: 'Give the columns a collation that ends in _bin.',
  postgres: 'Give the columns collate "C".',
  sqlite: 'Create the table again without a COLLATE clause.',
} as const;

function isLoose({ collation }: SqlRow): boolean {
  return typeof collation === 'string' && !/_bin$|^binary$/i.test(collation);
}

function collationsOf({ dialect, schema, name, path }: Table): SqlStatement {
  switch (dialect.name) {
    case 'mysql':
      return {
        sql:
          'select column_name as name, collation_name as collation ' +
          'from information_schema.columns ' +
          'where table_schema = coalesce(?, database()) and table_name = ?',
        values: [schema, name],
      };
    case 'postgres':
      return {
        sql:
          'select a.attname as name, c.collname as collation from pg_attribute a ' +
          'join pg_collation c on c.oid = a.attcollation ' +
          'where a.attrelid = to_regclass($1) and a.attnum > 0 and not c.collisdeterministic',
        values: [path],
      };
    case 'sqlite':
      return {
        sql:
          `select 'text' as name, 'NOCASE or RTRIM' as collation from sqlite_master ` +
          `where name = ? and (sql like '%collate nocase%' or sql like '%collate rtrim%')`,
        values: [name],
      };
  }
}
