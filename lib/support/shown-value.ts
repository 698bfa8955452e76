import { inspect } from 'node:util';

const LONGEST = 120;

/** Formats a given value for a message: on one line, cut if it is long. */
export function shownValue(value: unknown, depth = 0): string {
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  const text = inspect(value, { depth, breakLength: Infinity });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

// C0 and C1 controls, line and paragraph separators, and marks of text direction.
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Escapes characters that a terminal or a log reader would interpret instead of showing. */
export function visibleText(text: string): string {
  return text.replace(
    HIDDEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
