import { NO_KEY, OTHER_KEY } from './usage-sum.js';

/** Maximum length of a key, in UTF-16 code units. */
export const MAX_KEY_LENGTH = 1024;

/** What a key function of this package returns for a record that counts under `(other)`. */
export const FOLDED = Symbol('folded');

/** Keys that read like `(none)` or `(other)`, escaped or not. */
const RESERVED = /^\\*\((?:none|other)\)$/;

// UTF-8 cannot encode lone surrogates, and PostgreSQL's text type cannot hold NUL.
const UNSTORABLE = /[\0\ud800-\udfff]/gu;

/**
 * The text of a key as every storage can hold it: at most 1,024 characters, well formed, without
 * NUL. Each character that cannot be stored becomes U+FFFD.
 */
export function keyText(text: string): string {
  return cutKey(text).replace(UNSTORABLE, '\ufffd');
}

/**
 * The key that a value counts under; undefined if the value cannot be a key. Text that reads
 * `(none)` or `(other)`, with any number of backslashes before it, gets one more backslash. It
 * therefore never shares a row with missing or folded keys.
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
    case 'symbol':
      return value === FOLDED ? OTHER_KEY : undefined;
    default:
      return value === null ? NO_KEY : undefined;
  }
}

function cutKey(text: string): string {
  if (text.length <= MAX_KEY_LENGTH) return text;
  const last = text.charCodeAt(MAX_KEY_LENGTH - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? MAX_KEY_LENGTH - 1 : MAX_KEY_LENGTH);
}

/**
 * Compares keys by code point, like databases that compare UTF-8 byte by byte. JavaScript's `<`
 * compares UTF-16 code units, which differs beyond U+D7FF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOf(x) - rankOf(y);
  }
  return a.length - b.length;
}

// Surrogates encode the code points above all others.
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
