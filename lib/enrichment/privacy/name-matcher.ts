import { LRUCache } from 'lru-cache';
import { isKeyParameter } from '../../support/key-parameters.js';
import { percentDecode } from '../text-decoding.js';

const MAX_REMEMBERED = 2000;
const MAX_REMEMBERED_LENGTH = 128;
const MAX_DECODINGS = 4;

const WORDS = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|[\p{Lo}\p{Lm}]+|\p{Nd}+/gu;

/**
 * Tells whether a name is to be redacted: some consecutive words of it, joined, equal one of the
 * given names or its plural, or it is a parameter that `byApiKey()` reads. A word ends where the kind of character changes: `user[apiKey2]` has
 * the words `user`, `api`, `key` and `2`.
 */
export class NameMatcher {
  private readonly names = new Set<string>();
  private readonly longest: number;
  private readonly remembered = new LRUCache<string, boolean>({ max: MAX_REMEMBERED });

  /** @throws {Error} if a name has neither letters nor digits. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const joined = wordsOf(name).join('');
      if (joined === '') {
        throw new Error(
          `TrackUsageModule: option redact: ${JSON.stringify(name)} matches nothing. ` +
            'Give names with letters or digits, or false to redact nothing.',
        );
      }
      this.names.add(joined).add(`${joined}s`);
    }
    this.longest = Math.max(0, ...[...this.names].map((name) => name.length));
  }

  matches(name: string): boolean {
    if (isKeyParameter(name)) return true;
    if (name.length > MAX_REMEMBERED_LENGTH) return this.match(name);
    let matched = this.remembered.get(name);
    if (matched === undefined) {
      matched = this.match(name);
      this.remembered.set(name, matched);
    }
    return matched;
  }

  private match(name: string): boolean {
    let plain = name;
    for (let level = 0; level < MAX_DECODINGS && plain.includes('%'); level++) {
      plain = percentDecode(plain);
    }
    const words = wordsOf(plain);
    return words.some((_, start) => this.someRunFrom(words, start));
  }

  private someRunFrom(words: readonly string[], start: number): boolean {
    let run = '';
    for (let end = start; end < words.length; end++) {
      run += words[end];
      if (run.length > this.longest) return false;
      if (this.names.has(run)) return true;
    }
    return false;
  }
}

function wordsOf(name: string): string[] {
  // NFKC converts full-width and other look-alike forms to the same letters.
  return (name.normalize('NFKC').match(WORDS) ?? []).map((word) => word.toLowerCase());
}
