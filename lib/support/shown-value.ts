import { inspect } from 'node:util';

const LONGEST = 120;

/** Formats a given value for a message: on one line, cut if it is long. */
export function shownValue(value: unknown, depth = 0): string {
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  const text = inspect(value, { depth, breakLength: Infinity });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
