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
    verdict: verdictOf(bound - spread.q3, bound - spread.q1),
  };
}

export function atLeast(what: string, spread: Spread, bound: number): Target {
  return {
    what,
    bound: `at least ${bound}`,
    measured: shown(spread, 2),
    verdict: verdictOf(spread.q1 - bound, spread.q3 - bound),
  };
}

/** By how much the worse and the better quarter of the rounds keep within the bound. */
function verdictOf(worse: number, better: number): Target['verdict'] {
  if (worse >= 0) return 'yes';
  return better < 0 ? '**no**' : 'too noisy to say';
}
