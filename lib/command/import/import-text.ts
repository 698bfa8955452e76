import { visibleText } from '../../support/shown-value.js';
import { tableLines } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { shownBytes, shownNumber } from '../output/units.js';
import type { ComparedSum } from './flask/sum-comparison.js';
import type { ImportCounts } from './import-options.js';
import type { SourceFindings } from './open-source.js';
import type { RejectedItem } from './source-item.js';

/** What an import has done, and what is said of it. */
export interface ImportResult extends ImportCounts, SourceFindings {
  /** The first of those that cannot be read. */
  readonly rejectedLines: readonly RejectedItem[];
  /** Of files that cannot be read to their end. */
  readonly failures: readonly string[];
}

const SHOWN_SUMS = 20;

/** The result as lines for people. */
export function importText(result: ImportResult, terminal: Terminal): string {
  const { read, stored, excluded, outside, rejected, failures } = result;
  const parts = [
    `${shownNumber(stored)} stored`,
    ...(outside > 0 ? [`${shownNumber(outside)} outside the range`] : []),
    ...(excluded > 0 ? [`${shownNumber(excluded)} left out by excludeBots or anonymize`] : []),
    ...(rejected > 0 ? [`${shownNumber(rejected)} not to be read`] : []),
  ];
  const lines = [`${shownNumber(read)} read: ${parts.join(', ')}.`];
  for (const { place, reason, text } of result.rejectedLines)
    lines.push(`  ${visibleText(`${place}: ${reason}: ${text}`)}`);
  const more = rejected - result.rejectedLines.length;
  if (more > 0) lines.push(`  and ${shownNumber(more)} more: --rejected FILE takes all of them.`);
  if (stored === 0 && rejected > 0 && outside === 0)
    lines.push('No line has a form that is known. Name it by --format.');
  for (const failure of failures) lines.push(visibleText(`Not read to its end: ${failure}`));
  lines.push(...sumLines(result, terminal));
  if (result.next !== undefined) lines.push(result.next);
  return `${lines.join('\n')}\n`;
}

function sumLines({ originalSums, differingSums = [] }: SourceFindings, terminal: Terminal) {
  if (!originalSums) return [];
  const count = `${shownNumber(originalSums)} sums of Flask-Track-Usage`;
  if (differingSums.length === 0) return [`All ${count} are what its records add up to.`];
  const shown = differingSums.slice(0, SHOWN_SUMS);
  const more = differingSums.length - shown.length;
  return [
    `${shownNumber(differingSums.length)} of ${count} differ from its records, which count:`,
    ...tableLines(COLUMNS, shown.map(cells), terminal),
    ...(more > 0 ? [`and ${shownNumber(more)} more: --json prints all.`] : []),
  ];
}

const COLUMNS = [
  { title: 'sum', align: 'left' },
  { title: 'from', align: 'left' },
  { title: 'key', align: 'left', isCut: true },
  { title: 'its hits', align: 'right' },
  { title: 'records', align: 'right' },
  { title: 'its bytes', align: 'right' },
  { title: 'records', align: 'right' },
] as const;

function cells({ dimension, period, date, key, hits, transfer, counted }: ComparedSum): string[] {
  return [
    ...[`${dimension}, ${period}`, date, key ?? '(none)'],
    ...[shownNumber(hits), shownNumber(counted.hits)],
    ...[shownBytes(transfer), shownBytes(counted.transfer)],
  ];
}
