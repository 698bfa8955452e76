import type { Column } from '../dialects/shapes.js';
import { addColumns, dropColumns } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'measured', property: 'measured', kind: 'bigint', nullable: true },
  { name: 'refused', property: 'refused', kind: 'bigint', nullable: true },
  { name: 'aborted', property: 'aborted', kind: 'bigint', nullable: true },
  { name: 'first_seen', property: 'firstSeen', kind: 'instant', nullable: true },
  { name: 'last_seen', property: 'lastSeen', kind: 'instant', nullable: true },
] as const satisfies readonly Column[];

/**
 * Adds the measures for refused and aborted requests and for the first and the last request, and
 * the number of requests that they cover (`measured`).
 */
export const addSummaryMeasures: UsageMigration = {
  name: 'AddSummaryMeasures1795910400001',
  columns: ({ summaries }) => [summaries.withColumns(COLUMNS)],
  up: ({ summaries }) => addColumns(summaries.withColumns(COLUMNS)),
  down: ({ summaries }) => dropColumns(summaries.withColumns(COLUMNS)),
};
