import { settleFormat } from '../../base/format.js';
import type { NamedValues } from '../../base/named-values.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { hasCode } from '../connection/failures.js';
import { literal, quoted } from './clickhouse-text.js';
import type { KeyColumns } from './key-columns.js';
import type { Tables } from './tables.js';

/** What the server says to a user that may not change or create. */
const FORBIDDEN = [164, 497];

/**
 * Creates the database, the tables and the columns that are missing. A user who may only read gets
 * what is there.
 */
export async function prepareFormat(
  database: ClickHouseDatabase,
  tables: Tables,
  columns: KeyColumns,
  values: NamedValues,
  dimensions: readonly string[],
): Promise<void> {
  const { database: name, records, sums } = tables.names;
  const place = `ClickHouseStorage: the tables ${records} and ${sums} of ${name} on ${database.shown}`;
  const found = await existing(database, name);
  const wanted = Object.entries(tables.names).filter(([each]) => each !== 'database');
  if (!wanted.every(([, table]) => found.has(table))) {
    try {
      if (found.size === 0)
        await database.command(`CREATE DATABASE IF NOT EXISTS ${quoted(name)}${tables.onCluster}`);
      await tables.create(database);
    } catch (error) {
      if (!hasCode(error, ...FORBIDDEN)) throw error;
      throw new Error(
        `${place} are missing, and the user may not create them. Start the application once with ` +
          'a user that may, or grant this one CREATE DATABASE and CREATE TABLE.',
        { cause: error },
      );
    }
  }
  await columns.read();
  try {
    await settleFormat(values, place);
    await columns.add(dimensions);
  } catch (error) {
    if (!hasCode(error, ...FORBIDDEN)) throw error;
    // It may still read. Whoever stores is told then.
  }
}

async function existing(database: ClickHouseDatabase, name: string): Promise<Set<string>> {
  const rows = await database.rows(
    `SELECT name FROM system.tables WHERE database = ${literal(name)}`,
  );
  return new Set(rows.map(([table]) => table as string));
}
