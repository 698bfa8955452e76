import { settleFormat } from '../../base/format.js';
import type { MigrationStep } from '../../base/migration-step.js';
import { OutdatedFormatError } from '../../contract/storage-errors.js';
import type { NamedValues } from '../../base/named-values.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { hasCode } from '../connection/failures.js';
import { literal } from './clickhouse-text.js';
import type { KeyColumns } from './key-columns.js';
import type { Tables } from './tables.js';

/** What the server says to a user that may not change or create. */
const FORBIDDEN = [164, 497];

/** What opening may do. */
export interface FormatSettings {
  /** The dimensions whose keys records hold. */
  readonly dimensions: readonly string[];
  /** Whether notes may be changed. */
  readonly prepares: boolean;
  /** Whether the database, tables and columns may be made. */
  readonly migrates: boolean;
}

/**
 * Creates the database, the tables and the columns that are missing. A user who may only read gets
 * what is there.
 *
 * @throws {OutdatedFormatError} if a table is missing and none may be made.
 */
export async function prepareFormat(
  database: ClickHouseDatabase,
  tables: Tables,
  columns: KeyColumns,
  values: NamedValues,
  { dimensions, prepares, migrates }: FormatSettings,
): Promise<void> {
  const { database: name, records, sums } = tables.names;
  const place = `ClickHouseStorage: the tables ${records} and ${sums} of ${name} on ${database.shown}`;
  const missing = await missingTables(database, tables);
  if (missing.length > 0) {
    const isFirst = missing.some((step) => step.name === creationOf(records));
    const list = missing.map((step) => step.name).join(', ');
    const where = `ClickHouseStorage: in ${name} on ${database.shown}`;
    if (!migrates) throw new OutdatedFormatError(`${where}, these do not exist: ${list}.`, isFirst);
    await create(database, missing, (why) => `${where}, these are missing, ${why}: ${list}.`);
  }
  await columns.read();
  try {
    await settleFormat(values, place, prepares);
    if (migrates) await columns.add(dimensions);
  } catch (error) {
    if (!hasCode(error, ...FORBIDDEN)) throw error;
    // It may still read. Whoever stores is told then.
  }
}

/** What opening would create: the database and the tables that are missing. */
export async function missingTables(
  database: ClickHouseDatabase,
  tables: Tables,
): Promise<MigrationStep[]> {
  const { database: name } = tables.names;
  const found = await existing(database, name);
  const steps = tables
    .creations()
    .filter(({ table }) => !found.has(table))
    .map(({ table, statements }) => ({ name: creationOf(table), statements }));
  if (found.size > 0) return steps;
  const [known] = await database.rows(
    `SELECT count() FROM system.databases WHERE name = ${literal(name)}`,
  );
  if (Number(known![0]) > 0) return steps;
  return [{ name: `database ${name}`, statements: [tables.databaseCreation] }, ...steps];
}

/** The name of the step that creates a table. */
function creationOf(table: string): string {
  return `table ${table}`;
}

async function create(
  database: ClickHouseDatabase,
  missing: readonly MigrationStep[],
  told: (why: string) => string,
): Promise<void> {
  try {
    for (const { statements } of missing)
      for (const statement of statements) await database.command(statement);
  } catch (error) {
    if (!hasCode(error, ...FORBIDDEN)) throw error;
    throw new Error(
      `${told('and the user may not create them')} Start the application once with a user that ` +
        'may, or grant this one CREATE DATABASE and CREATE TABLE.',
      { cause: error },
    );
  }
}

async function existing(database: ClickHouseDatabase, name: string): Promise<Set<string>> {
  const rows = await database.rows(
    `SELECT name FROM system.tables WHERE database = ${literal(name)}`,
  );
  return new Set(rows.map(([table]) => table as string));
}
