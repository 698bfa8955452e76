import { shown } from './tables.js';
import type { Spread } from '../statistics.js';

/** A line of the list of what the library has set itself. */
export interface Target {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly verdict: 'yes' | '**no**' | 'too noisy to say';
}

export function atMost(what: string, spread: Spread, bound: number, unit: string): Target {
  const measured = `${shown(spread, bound < 2 ? 2 : 1)} ${unit}`.trim();
  return {
    what,
    bound: `at most ${bound} ${unit}`.trim(),
    measured,
    verdict: verdictOf(bound, spread, (median) => median <= bound),
  };
}

export function atLeast(what: string, spread: Spread, bound: number): Target {
  return {
    what,
    bound: `at least ${bound}`,
    measured: shown(spread, 2),
    verdict: verdictOf(bound, spread, (median) => median >= bound),
  };
}

/**
 * Whether the median keeps to a bound. It is known to about 1.57 times the spread of its middle
 * half over the root of the count, 19 times in 20 (McGill, Tukey, Larsen: Variations of Box Plots,
 * The American Statistician 32, 1978).
 */
function verdictOf(
  bound: number,
  { median, q1, q3, n }: Spread,
  keeps: (median: number) => boolean,
): Target['verdict'] {
  const doubt = (1.57 * (q3 - q1)) / Math.sqrt(n);
  if (Math.abs(median - bound) < doubt) return 'too noisy to say';
  return keeps(median) ? 'yes' : '**no**';
}
