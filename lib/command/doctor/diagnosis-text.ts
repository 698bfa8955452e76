import { tableLines, type TableColumn } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { shownBytes, shownDate, shownNumber } from '../output/units.js';
import { visibleText } from '../../support/shown-value.js';
import type { Diagnosis, StorageFacts } from './examine.js';

const FACTS: readonly TableColumn[] = [
  { title: 'what', align: 'left' },
  { title: '', align: 'left' },
];
const SUMS: readonly TableColumn[] = [
  { title: 'summary', align: 'left', isCut: true },
  { title: 'rows', align: 'right' },
  { title: '', align: 'left' },
];
const STATES = {
  kept: '',
  own: "the application's own",
  ended: 'nothing counts in it now',
} as const;

/** What `doctor` prints. */
export function diagnosisText({ facts, findings }: Diagnosis, terminal: Terminal): string {
  const { style } = terminal;
  const wrong = findings.map((finding) => `${style('red', '!')} ${visibleText(finding)}`);
  const verdict = findings.length > 0 ? wrong : [`${style('green', '✓')} Nothing is wrong.`];
  return [...(facts ? factLines(facts, terminal) : []), ...verdict, ''].join('\n');
}

function factLines(facts: StorageFacts, terminal: Terminal): string[] {
  const { timeZone, oldest, newest, lag, bytes, pruned, format, currentFormat } = facts;
  const date = (given: Date | null) => (given ? shownDate(given, timeZone) : '-');
  const rows = [
    ['storage', facts.storage],
    [
      'format',
      format === currentFormat ? `${format}` : `${format ?? 1}; this version has ${currentFormat}`,
    ],
    ['time zone', timeZone],
    ['records', shownNumber(facts.records)],
    ['bytes', bytes === null ? 'not known' : shownBytes(bytes)],
    ['oldest record', date(oldest)],
    ['newest record', lag === null ? '-' : `${date(newest)}, ${shownLag(lag)} ago`],
    ...Object.entries(pruned).map(([kind, until]) => [`${kind} pruned`, `before ${date(until)}`]),
    ['sums complete', facts.countedSince ? `since ${date(facts.countedSince)}` : 'not known'],
  ];
  const [, ...lines] = tableLines(FACTS, rows, terminal);
  const sums = facts.sums.map(({ summary, rows: count, state }) => [
    summary,
    shownNumber(count),
    STATES[state],
  ]);
  return [
    ...lines,
    '',
    ...(sums.length > 0 ? [...tableLines(SUMS, sums, terminal), ''] : ['There are no sums.', '']),
  ];
}

function shownLag(seconds: number): string {
  const lag = Math.max(0, seconds);
  if (lag < 120) return `${lag} s`;
  if (lag < 7200) return `${Math.round(lag / 60)} min`;
  if (lag < 172_800) return `${Math.round(lag / 3600)} h`;
  return `${Math.round(lag / 86_400)} days`;
}
