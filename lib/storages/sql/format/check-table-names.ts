import { ledgerOf } from './ledger.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';

// Characters of a name that MySQL accepts, and bytes of a longer name that PostgreSQL keeps.
const MYSQL_LENGTH = 64;
const POSTGRES_BYTES = 63;

/**
 * @throws {Error} if a table's name is too long for the database, or the database would store two
 * tables under one name.
 */
export function checkNames(layout: SqlLayout): void {
  const { records, summaries, buckets, salts, notes } = layout;
  const tables: readonly Table[] = [records, summaries, buckets, salts, notes, ledgerOf(layout)];
  const { name: dialect } = records.dialect;
  const tooLong = tables.find(({ name }) => dialect === 'mysql' && name.length > MYSQL_LENGTH);
  if (tooLong)
    throw new Error(
      `SqlStorage: the name of the table ${tooLong.name} has ${tooLong.name.length} characters, ` +
        `and the database takes ${MYSQL_LENGTH}. Choose a shorter recordTable or summaryTable.`,
    );
  const known = new Map<string, Table>();
  for (const table of tables) {
    const place = JSON.stringify([table.schema, storedName(table)]);
    const other = known.get(place);
    if (other)
      throw new Error(
        `SqlStorage: the tables ${other.name} and ${table.name} are one to the database` +
          (other.name === table.name ? '' : `, which calls both ${storedName(table)}`) +
          '. Choose another recordTable or summaryTable, and a shorter one if they are long.',
      );
    known.set(place, table);
  }
}

// The name as the database stores it. SQLite and most MySQL servers ignore case.
function storedName({ dialect, name }: Table): string {
  if (dialect.name !== 'postgres') return name.toLowerCase();
  const bytes = Buffer.from(name);
  if (bytes.length <= POSTGRES_BYTES) return name;
  let end = POSTGRES_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
