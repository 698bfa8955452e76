import type { IndexesResult } from '../indexes/indexes.js';
import { paired, spreadOf } from '../statistics.js';
import { shown, table, thousands } from './tables.js';

export function indexesSection({ title, size, indexes }: IndexesResult): string {
  const rows = indexes.map(({ field, bytesPerRecord, without, with: indexed }) => [
    field,
    bytesPerRecord.toFixed(0),
    shown(spreadOf(without), 2),
    shown(spreadOf(indexed), 2),
    shown(
      paired(indexed, without, (a, b) => a / b),
      2,
    ),
  ]);
  return [
    `### ${title}`,
    '',
    `${thousands(size)} records, in batches of 500, by hand.`,
    '',
    table(['index of', 'bytes a record', 'ms a batch without', 'with', 'of without'], rows),
  ].join('\n');
}
