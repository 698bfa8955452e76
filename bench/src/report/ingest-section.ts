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
  'raw-default': 'raw driver, records and the sums of forRoot(), of a busy application',
  'raw-default-again': 'the same once more (A/A)',
  'ours-default': 'storage, the same',
  'raw-released': 'raw driver, records, the columns of 0.1',
  'raw-released-sums': 'raw driver, records and sums, the columns of 0.1',
  before: 'storage of the commit before, records',
  'before-again': 'storage of the commit before, records, once more (A/A)',
  'before-sums': 'storage of the commit before, records and sumBasic',
  'before-sums-again': 'storage of the commit before, records and sumBasic, once more (A/A)',
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
    `Raw: ${raw}. Batches of ${batchSize}, ${Object.values(sides)[0]?.length ?? 0} rounds.`,
    '',
    table(['', 'records/s', 'of raw', 'µs of CPU a record', 'of raw'], rows),
    ...againstBefore(sides),
    ...missing.map((fault) => `\n**Disqualified**: ${fault}`),
  ].join('\n');
}

/** Records a second against the commit before, in the same rounds, with the noise beside it. */
function againstBefore(sides: IngestResult['sides']): string[] {
  if (!sides['before']) return [];
  const pairs = [
    ['records', 'ours', 'before'],
    ['records, the commit before against itself (A/A)', 'before-again', 'before'],
    ['records and sumBasic', 'ours-sums', 'before-sums'],
    ['records and sumBasic, A/A', 'before-sums-again', 'before-sums'],
    ['by hand: all columns against those of 0.1, records', 'raw', 'raw-released'],
    ['the same, records and sums', 'raw-sums', 'raw-released-sums'],
  ] as const;
  const rows = pairs
    .filter(([, a, b]) => sides[a] && sides[b])
    .map(([title, a, b]) => [
      title,
      shown(over(sides, a, b, 'recordsPerSecond'), 3),
      shown(over(sides, a, b, 'cpu'), 3),
    ]);
  return ['', table(['against the commit before', 'records/s', 'CPU a record'], rows)];
}

const TARGETS: Record<string, string> = {
  ours: 'records',
  'ours-sums': 'records and summaries',
  'ours-default': 'records and the sums of forRoot()',
};

/** With `sumBasic`, of the raw driver's insert of the same rows without any sums. */
const SHARE_WITH_SUMS = 0.6;

export function ingestTargets({ title, sides }: IngestResult): Target[] {
  const bound = BOUND[title] ?? 0.8;
  const targets = Object.entries(TARGETS).flatMap(([side, what]) =>
    sides[side]
      ? [atLeast(`ingest into ${title}, ${what}`, ratio(sides, side, 'recordsPerSecond'), bound)]
      : [],
  );
  // Elsewhere sums are made later.
  if (!sides['ours-sums'] || !sides['raw'] || title === 'ClickHouse' || title === 'CouchDB')
    return targets;
  const what = `ingest into ${title}, with sumBasic, of the raw insert without sums`;
  const share = over(sides, 'ours-sums', 'raw', 'recordsPerSecond');
  return [...targets, atLeast(what, share, SHARE_WITH_SUMS)];
}

function ratio(sides: IngestResult['sides'], side: string, field: keyof IngestRound): Spread {
  const base = side.includes('default')
    ? 'raw-default'
    : side.includes('sums')
      ? 'raw-sums'
      : 'raw';
  return over(sides, side, base, field);
}

function over(
  sides: IngestResult['sides'],
  side: string,
  base: string,
  field: keyof IngestRound,
): Spread {
  const of = (name: string) => (sides[name] ?? []).map((round) => round[field]);
  return paired(of(side), of(base), (a, b) => a / b);
}
