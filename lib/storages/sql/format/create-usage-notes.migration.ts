import type { Column } from '../dialects/shapes.js';
import { createTable, dropTable } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'kind', property: 'kind', kind: 'word' },
  { name: 'name', property: 'name', kind: 'word' },
  { name: 'note', property: 'note', kind: 'text' },
] as const satisfies readonly Column[];

/** Creates the table of the declared routes, and of the processes that report. */
export const createUsageNotes: UsageMigration = {
  name: 'CreateUsageNotes1795910400003',
  columns: ({ notes }) => [notes.withColumns(COLUMNS)],
  up: ({ notes }) => createTable(notes.withColumns(COLUMNS), ['kind', 'name']),
  down: ({ notes }) => dropTable(notes),
};
