import { setOwn, type JsonObject, type JsonValue } from '../../../record/index.js';

/** A value that was written as text. */
export interface ReadLiteral {
  readonly value: JsonValue;
  /** Whether the text ends in the midst of the value; what stands before is there. */
  readonly isCut: boolean;
}

const MAX_DEPTH = 32;
const WORDS: Readonly<Record<string, JsonValue>> = {
  True: true,
  true: true,
  False: false,
  false: false,
  None: null,
  null: null,
  nan: null,
  NaN: null,
  inf: null,
  Infinity: null,
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  0: '\0',
};
const SPACE = /\s*/y;
const NUMBER = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][\w.]*/y;
const UNICODE = /x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})/iy;

/**
 * Reads a value that Python's `repr()` or JSON has written: objects, lists, tuples, texts, numbers,
 * booleans and none. Null if the text is no such value.
 */
export function readLiteral(text: string): ReadLiteral | null {
  const reader = new LiteralReader(text);
  try {
    const value = reader.value(0);
    return reader.isAtEnd || reader.isCut ? { value, isCut: reader.isCut } : null;
  } catch (error) {
    if (error instanceof NotALiteral) return null;
    throw error;
  }
}

class NotALiteral extends Error {}

class LiteralReader {
  isCut = false;
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    this.take(SPACE);
    return this.at >= this.text.length;
  }

  value(depth: number): JsonValue {
    if (this.isAtEnd) return this.cut();
    if (depth > MAX_DEPTH) throw new NotALiteral();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.list(']', depth);
      case '(':
        return this.list(')', depth);
      case '"':
      case "'":
        return this.quoted();
    }
    const number = this.take(NUMBER);
    if (number !== null) return Number(number.replaceAll('_', ''));
    return this.word();
  }

  /** A word, or a text with a prefix: `u'…'`, `b'…'`. */
  private word(): JsonValue {
    const word = this.take(WORD);
    if (word === null) throw new NotALiteral();
    if (/^[bru]{1,2}$/i.test(word) && /["']/.test(this.text[this.at] ?? '')) return this.quoted();
    if (Object.hasOwn(WORDS, word)) return WORDS[word]!;
    if (this.isAtEnd) return this.cut();
    throw new NotALiteral();
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = {};
    this.at++;
    while (!this.isCut && !this.closes('}')) {
      const name = this.value(depth + 1);
      if (this.isCut || this.isAtEnd) return this.leave(object);
      if (this.text[this.at] !== ':') throw new NotALiteral();
      this.at++;
      const value = this.value(depth + 1);
      const isWhole = !this.isCut || (typeof value === 'object' && value !== null);
      if (isWhole) setOwn(object, typeof name === 'string' ? name : JSON.stringify(name), value);
      this.comma('}');
    }
    return object;
  }

  private list(end: string, depth: number): JsonValue[] {
    const list: JsonValue[] = [];
    this.at++;
    while (!this.isCut && !this.closes(end)) {
      const value = this.value(depth + 1);
      if (!this.isCut) list.push(value);
      this.comma(end);
    }
    return list;
  }

  private closes(end: string): boolean {
    if (this.isAtEnd) this.isCut = true;
    if (this.isCut || this.text[this.at] !== end) return this.isCut;
    this.at++;
    return true;
  }

  private comma(end: string): void {
    if (this.isCut || this.isAtEnd) this.isCut = true;
    else if (this.text[this.at] === ',') this.at++;
    else if (this.text[this.at] !== end) throw new NotALiteral();
  }

  private quoted(): string {
    const quote = this.text[this.at++]!;
    let value = '';
    for (;;) {
      const character = this.text[this.at++];
      if (character === undefined) {
        this.isCut = true;
        return value;
      }
      if (character === quote) return value;
      value += character === '\\' ? this.escaped() : character;
    }
  }

  private escaped(): string {
    UNICODE.lastIndex = this.at;
    const [sequence, ...codes] = UNICODE.exec(this.text) ?? [];
    if (sequence !== undefined) {
      this.at += sequence.length;
      const code = parseInt(
        codes.find((each) => each !== undefined)!,
        16,
      );
      // Half of a pair is a character of its own in JSON.
      return code <= 0xffff
        ? String.fromCharCode(code)
        : String.fromCodePoint(Math.min(code, 0x10ffff));
    }
    const character = this.text[this.at++] ?? '';
    return ESCAPES[character] ?? character;
  }

  private cut(): null {
    this.isCut = true;
    return null;
  }

  private leave(object: JsonObject): JsonObject {
    this.isCut = true;
    return object;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }
}
