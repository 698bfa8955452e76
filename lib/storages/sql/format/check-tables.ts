import type { SqlRow } from '../layout/column.js';
import type { Table } from '../layout/table.js';

/** @throws if the table lacks columns that the library writes. */
export function checkColumns(table: Table, found: readonly SqlRow[]): void {
  const names = new Set(found.map((row) => row['name']));
  const missing = table.columns.map((each) => table.columnName(each)).filter((n) => !names.has(n));
  if (missing.length === 0) return;
  throw new Error(
    names.size === 0
      ? `SqlStorage: the table ${table.path} does not exist. Run the migrations that ` +
          `nestjs-track-usage/sql exports as usageMigrations, or leave runMigrations on.`
      : `SqlStorage: the table ${table.path} is not one of nestjs-track-usage, or not of this ` +
          `version: it has no column ${missing.join(', ')}. Choose another name with recordTable ` +
          `or summaryTable, or rename that table.`,
  );
}
