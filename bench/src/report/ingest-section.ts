import type { IngestResult, IngestRound } from '../ingest/ingest.js';
import { paired, spreadOf, type Spread } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atLeast, type Target } from './target.js';

const TITLES: Record<string, string> = {
  raw: 'raw driver, records',
  'raw-again': 'raw driver, records, once more (A/A)',
  'raw-row-by-row': 'raw driver, records, a statement for each row',
  ours: 'storage, records',
  'raw-sums': 'raw driver, records and sums',
  'ours-sums': 'storage, records and sumBasic',
};
const BOUND: Record<string, number> = { Redis: 0.7 };

export function ingestSection({ title, raw, sides, batchSize, missing }: IngestResult): string {
  const rows = Object.entries(sides).map(([side, rounds]) => [
    TITLES[side] ?? side,
    thousands(spreadOf(rounds.map((round) => round.recordsPerSecond)).median),
    shown(ratio(sides, side, 'recordsPerSecond'), 2),
    shown(spreadOf(rounds.map((round) => round.cpu)), 1),
    shown(ratio(sides, side, 'cpu'), 2),
  ]);
  return [
    `### ${title}`,
    '',
    `Raw: ${raw}. Batches of ${batchSize}, ${sides['raw']?.length ?? 0} rounds.`,
    '',
    table(['', 'records/s', 'of raw', 'µs of CPU a record', 'of raw'], rows),
    ...missing.map((fault) => `\n**Disqualified**: ${fault}`),
  ].join('\n');
}

export function ingestTargets({ title, sides }: IngestResult): Target[] {
  const bound = BOUND[title] ?? 0.8;
  return [
    atLeast(`ingest into ${title}, records`, ratio(sides, 'ours', 'recordsPerSecond'), bound),
    atLeast(
      `ingest into ${title}, records and summaries`,
      ratio(sides, 'ours-sums', 'recordsPerSecond'),
      bound,
    ),
  ];
}

function ratio(sides: IngestResult['sides'], side: string, field: keyof IngestRound): Spread {
  const base = side.endsWith('sums') ? 'raw-sums' : 'raw';
  const of = (name: string) => (sides[name] ?? []).map((round) => round[field]);
  return paired(of(side), of(base), (a, b) => a / b);
}
