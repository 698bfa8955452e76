import type { JournalResult, JournalRound, JournalSide } from '../journal/journal.js';
import { paired, spreadOf, type Spread } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atLeast, atMost, type Target } from './target.js';

const MOST_CPU = 4;
const LEAST_INGEST = 0.9;

const TITLES: Record<JournalSide, string> = {
  without: 'without a journal',
  'without-again': 'the same again (A/A)',
  with: 'with a journal',
};

export function journalSection(result: JournalResult): string {
  const { sides, bytes, records, missing } = result;
  const rows = (Object.keys(TITLES) as JournalSide[]).map((side) => [
    TITLES[side],
    shown(spreadOf(sides[side].map(({ cpu }) => cpu)), 1),
    side === 'without' ? '' : shown(added(result, side), 1, true),
    side === 'without' ? '1' : shown(ingest(result, side), 2),
  ]);
  return [
    '### The embedded SQLite, with the sums of forRoot()',
    '',
    `${sides.with.length} rounds of ${thousands(records)} records, 10 in a turn of the event loop, given to ` +
      `what gets them from capture, until they are stored. A waiting record takes ${bytes.toFixed(0)} bytes.`,
    '',
    table(['', 'µs of CPU for a record', 'added', 'records/s of without'], rows),
    ...(missing.length > 0 ? ['', ...missing.map((fault) => `- ${fault}`)] : []),
  ].join('\n');
}

export function journalTargets(result: JournalResult): Target[] {
  return [
    atMost('the journal, for a record', added(result, 'with'), MOST_CPU, 'µs'),
    atLeast('records a second with the journal, of without', ingest(result, 'with'), LEAST_INGEST),
  ];
}

function added(result: JournalResult, side: JournalSide): Spread {
  return compare(result, side, 'cpu', (a, b) => a - b);
}

function ingest(result: JournalResult, side: JournalSide): Spread {
  return compare(result, side, 'recordsPerSecond', (a, b) => a / b);
}

function compare(
  { sides }: JournalResult,
  side: JournalSide,
  field: keyof JournalRound,
  how: (a: number, b: number) => number,
): Spread {
  const of = (name: JournalSide) => sides[name].map((round) => round[field]);
  return paired(of(side), of('without'), how);
}
