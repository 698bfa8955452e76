import type { OutageResult, OutageRound, OutageSeries } from '../outage/outage.js';
import { paired, spreadOf, type Spread } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import type { Target } from './target.js';

const DOWN = ['refused', 'hanging'];

export function outageSection({ platform, rate, requests, series }: OutageResult): string {
  const rows = series.map(({ name, title, rounds, missing }) => {
    const of = (field: keyof OutageRound) => spreadOf(rounds.map((round) => round[field]));
    const ratio = (field: keyof OutageRound) =>
      name === 'bare'
        ? '1'
        : shown(
            compare(series, name, field, (a, b) => a / b),
            2,
          );
    return [
      missing.length > 0 ? `${title} **(disqualified)**` : title,
      of('p50').median.toFixed(2),
      ratio('p50'),
      of('p99').median.toFixed(2),
      ratio('p99'),
    ];
  });
  const { rounds, requests: all } = series[0]!;
  return [
    `### ${platform}`,
    '',
    `${rate} requests a second, ${rounds.length} rounds of ${requests} requests to each server, ` +
      `${thousands(all)} in all. The storages are down all the time: every record waits.`,
    '',
    table(['', 'p50, ms', 'of bare', 'p99, ms', 'of bare'], rows),
    ...series.flatMap(({ title, missing }) => missing.map((fault) => `\n- ${title}: ${fault}`)),
  ].join('\n');
}

/** Met if a response is later by no more than the A/A pair differs in half of the rounds. */
export function outageTargets({ platform, series }: OutageResult): Target[] {
  return DOWN.flatMap((name) => {
    const { title } = series.find((each) => each.name === name)!;
    const later = compare(series, name, 'p99', (a, b) => a - b);
    const aa = compare(series, 'bare-again', 'p99', (a, b) => Math.abs(a - b));
    const noise = aa.q3;
    return {
      what: `p99 with a ${title}, over bare, on ${platform}`,
      bound: `within the noise: at most ${noise.toFixed(2)} ms`,
      measured: `${shown(later, 2, true)} ms`,
      verdict: later.median <= noise ? 'yes' : '**no**',
    };
  });
}

function compare(
  series: readonly OutageSeries[],
  name: string,
  field: keyof OutageRound,
  by: (a: number, b: number) => number,
): Spread {
  const of = (which: string) =>
    series.find((each) => each.name === which)!.rounds.map((round) => round[field]);
  return paired(of(name), of('bare'), by);
}
