import type { Column } from '../dialects/shapes.js';
import { addColumns, dropColumns } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'consumer', property: 'consumer', kind: 'text', nullable: true },
  { name: 'consumer_group', property: 'consumerGroup', kind: 'text', nullable: true },
  { name: 'service', property: 'service', kind: 'text', nullable: true },
  { name: 'release', property: 'release', kind: 'text', nullable: true },
  { name: 'api_version', property: 'apiVersion', kind: 'text', nullable: true },
  { name: 'trace_id', property: 'traceId', kind: 'text', nullable: true },
] as const satisfies readonly Column[];

/**
 * Adds the fields for the consumer and its group, the answering service with its release and API
 * version, and the trace.
 */
export const addConsumerFields: UsageMigration = {
  name: 'AddConsumerFields1795910400000',
  columns: ({ records }) => [records.withColumns(COLUMNS)],
  up: ({ records }) => addColumns(records.withColumns(COLUMNS)),
  down: ({ records }) => dropColumns(records.withColumns(COLUMNS)),
};
