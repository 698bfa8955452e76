import { NO_KEY } from './usage-sum.js';

/** Characters of a key, at most. */
export const MAX_KEY_LENGTH = 1024;

/** Keys that read like those that stand for no key and for folded ones, escaped or not. */
const RESERVED = /^\\*\((?:none|other)\)$/;

// Halves of surrogate pairs cannot be written as UTF-8, and PostgreSQL's text holds no NUL.
const UNSTORABLE = /[\0\ud800-\udfff]/gu;

/**
 * The text of a key as every store can hold it: at most 1,024 characters, well formed, without
 * NUL. What cannot be stored becomes U+FFFD.
 */
export function keyText(text: string): string {
  return cut(text).replace(UNSTORABLE, '\ufffd');
}

/**
 * The key that a value counts under; undefined for a value that cannot be a key. Text that reads
 * `(none)` or `(other)`, with any number of backslashes before it, gets one backslash more, so that
 * it is neither what has no key nor what is folded.
 */
export function keyOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string': {
      const text = keyText(value);
      return text.endsWith(')') && RESERVED.test(text) ? `\\${text}` : text;
    }
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    case 'boolean':
      return String(value);
    case 'undefined':
      return NO_KEY;
    default:
      return value === null ? NO_KEY : undefined;
  }
}

function cut(text: string): string {
  if (text.length <= MAX_KEY_LENGTH) return text;
  const last = text.charCodeAt(MAX_KEY_LENGTH - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? MAX_KEY_LENGTH - 1 : MAX_KEY_LENGTH);
}

/**
 * Order of keys by code point, as databases compare UTF-8 byte by byte: JavaScript's `<` compares
 * UTF-16 and differs beyond U+D7FF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

// Surrogates stand for code points above all others.
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
