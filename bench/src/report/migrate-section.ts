import type { MigrateResult } from '../migrate/migrate.js';
import { table, thousands } from './tables.js';
import type { Target } from './target.js';

const LONGEST_GAP_MS = 1000;

export function migrateSection(result: MigrateResult): string {
  const { database, size, openSeconds, indexSeconds, gapsBefore, gapsMeanwhile } = result;
  return [
    `### ${database}`,
    '',
    `${thousands(size)} records. The start took ${openSeconds.toFixed(2)} s; the indexes were ` +
      (indexSeconds === null ? 'there.' : `there after ${indexSeconds.toFixed(0)} s.`),
    '',
    table(
      ['between two batches that were stored', 'batches', 'median, ms', 'longest, ms'],
      [
        ['before', gapsBefore],
        ['while tables changed', gapsMeanwhile],
      ].map(([name, gaps]) => {
        const { batches, medianMs, longestMs } = gaps as MigrateResult['gapsBefore'];
        return [name as string, String(batches), medianMs.toFixed(0), longestMs.toFixed(0)];
      }),
    ),
  ].join('\n');
}

export function migrateTargets({ database, size, gapsMeanwhile }: MigrateResult): Target[] {
  const { longestMs } = gapsMeanwhile;
  return [
    {
      what: `writers held up while ${thousands(size)} records of 0.1.0 are migrated, ${database}`,
      bound: `at most ${LONGEST_GAP_MS} ms`,
      measured: `${longestMs.toFixed(0)} ms`,
      verdict: longestMs <= LONGEST_GAP_MS ? 'yes' : '**no**',
    },
  ];
}
