import { OutdatedFormatError } from '../../contract/storage-errors.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { Table } from '../layout/table.js';

/**
 * Checks that a table has the columns that the library reads and writes. It may have others, added
 * by a later version or the application.
 *
 * @param found The columns that the table has, as `name`.
 * @param steps Names of the migrations that the table still needs; none if they would not help.
 * @param isFirst Whether the table is the first of all that are made.
 * @throws {OutdatedFormatError} if the table or a column is missing that a migration brings.
 * @throws {Error} if another column is missing.
 */
export function checkColumns(
  table: Table,
  found: readonly SqlRow[],
  steps: readonly string[] = [],
  isFirst = false,
): void {
  const names = new Set(found.map((row) => row['name']));
  const missing = table.columns.map((each) => table.columnName(each)).filter((n) => !names.has(n));
  if (missing.length === 0) return;
  const message = `SqlStorage: the table ${table.path} ${explain()}`;
  const isMissing = names.size === 0;
  throw isMissing || steps.length > 0
    ? new OutdatedFormatError(message, isMissing && isFirst)
    : new Error(message);

  function explain(): string {
    if (names.size === 0)
      return (
        'does not exist. Run the migrations that nestjs-track-usage/sql exports as ' +
        'usageMigrations, or leave runMigrations on.'
      );
    if (steps.length > 0)
      return (
        `is of an earlier version: it has no column ${missing.join(', ')}. Run ` +
        `${steps.join(', ')} of the migrations that nestjs-track-usage/sql exports as ` +
        'usageMigrations, or leave runMigrations on.'
      );
    return (
      'is not one of nestjs-track-usage, or not of this version: it has no column ' +
      `${missing.join(', ')}. Choose another name with recordTable or summaryTable, or rename ` +
      'that table.'
    );
  }
}
