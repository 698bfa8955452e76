import type { Column } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { Table } from '../layout/table.js';

const LEDGER_COLUMNS = [
  { name: 'name', property: 'name', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
] as const satisfies readonly Column[];

/** What has run is noted beside the records that it shaped: one database may hold several sets. */
export function ledgerOf({ records }: SqlLayout): Table<(typeof LEDGER_COLUMNS)[number]> {
  const name = `${records.name}_migrations`;
  return new Table(records.dialect, records.schema, name, LEDGER_COLUMNS);
}
