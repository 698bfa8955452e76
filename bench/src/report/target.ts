import { shown } from './tables.js';
import type { Spread } from '../statistics.js';

/** A line of the list of what the library has set itself. */
export interface Target {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly met: boolean;
}

export function atMost(what: string, spread: Spread, bound: number, unit: string): Target {
  const measured = `${shown(spread, bound < 2 ? 2 : 1)} ${unit}`.trim();
  return { what, bound: `at most ${bound} ${unit}`.trim(), measured, met: spread.median <= bound };
}

export function atLeast(what: string, spread: Spread, bound: number): Target {
  return {
    what,
    bound: `at least ${bound}`,
    measured: shown(spread, 2),
    met: spread.median >= bound,
  };
}
