import type { MemoryResult, MemorySeries } from '../memory/memory.js';
import { percentile } from '../statistics.js';
import { megabytes, table } from './tables.js';
import type { Target } from './target.js';

const MAX_OVER_BARE = 40e6;
/** Megabytes an hour below which a series counts as flat over ten minutes. */
const FLAT = 5e6;

export function memorySection({ platform, rate, minutes, series }: MemoryResult): string {
  const rows = series.map((each) => [
    each.name,
    megabytes(percentile(half(each.rss, 0), 50)),
    megabytes(percentile(half(each.rss, 1), 50)),
    megabytes(Math.max(...each.rss)),
    megabytes(percentile(half(each.heapUsed, 0), 10)),
    megabytes(percentile(half(each.heapUsed, 1), 10)),
    each.missing.length > 0 ? `**missing**: ${each.missing[0]}` : 'all there',
  ]);
  return [
    `### ${platform}`,
    '',
    `${minutes} minutes at ${rate} requests a second to each server, all at the same time. ` +
      'RSS is the median of each half of the time; the heap is its 10th percentile, which is what is left after a collection.',
    '',
    table(
      ['', 'RSS, first half', 'second half', 'peak', 'heap, first half', 'second half', 'records'],
      rows,
    ),
  ].join('\n');
}

export function memoryTargets({ platform, series, minutes }: MemoryResult): Target[] {
  const bare = series.find(({ name }) => name === 'bare');
  const ours = series.find(({ name }) => name === 'ours-sqlite');
  if (!bare || !ours) return [];
  const over = ([0, 1] as const).map(
    (which) => percentile(half(ours.rss, which), 50) - percentile(half(bare.rss, which), 50),
  );
  const drift = growth(ours) - growth(bare);
  return [
    rssTarget(
      `RSS with SQLite and sumBasic, over bare, on ${platform}`,
      Math.max(...ours.rss) - Math.max(...bare.rss),
    ),
    rssTarget(`the same, the median of the worse half, on ${platform}`, Math.max(...over)),
    {
      what: `heap over ${minutes} minutes, second half over first, on ${platform}`,
      bound: `flat: at most ${megabytes(FLAT)} more`,
      measured: megabytes(drift),
      verdict: drift <= FLAT ? 'yes' : '**no**',
    },
  ];
}

function rssTarget(what: string, over: number): Target {
  return {
    what,
    bound: `at most ${megabytes(MAX_OVER_BARE)}`,
    measured: megabytes(over),
    verdict: over <= MAX_OVER_BARE ? 'yes' : '**no**',
  };
}

function growth({ heapUsed }: MemorySeries): number {
  return percentile(half(heapUsed, 1), 10) - percentile(half(heapUsed, 0), 10);
}

function half(values: readonly number[], which: 0 | 1): readonly number[] {
  const middle = Math.floor(values.length / 2);
  return which === 0 ? values.slice(0, middle) : values.slice(middle);
}
