import type { SizesResult } from '../sizes/sizes.js';
import { table, thousands } from './tables.js';

export function sizesSection({ title, size, records, withSums }: SizesResult): string {
  const rows = [
    ['records and what finds them', records.toFixed(0)],
    ['with the sums of forRoot()', withSums.toFixed(0)],
  ];
  return [
    `### ${title}`,
    '',
    table([`of ${thousands(size)} records`, 'bytes a record'], rows),
  ].join('\n');
}
