import type { Column } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { Table } from '../layout/table.js';

const LEDGER_COLUMNS = [
  { name: 'name', property: 'name', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
] as const satisfies readonly Column[];

/**
 * The ledger of migrations that have run. It is named after its records' table, because one
 * database may hold several sets of tables.
 */
export function ledgerOf({ records }: SqlLayout): Table<(typeof LEDGER_COLUMNS)[number]> {
  const name = `${records.name}_migrations`;
  return new Table(records.dialect, records.schema, name, LEDGER_COLUMNS);
}
