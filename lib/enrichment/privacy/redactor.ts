import { formDecode, percentDecode } from '../text-decoding.js';
import { MAX_TEXT_LENGTH } from '../text-limits.js';
import { NameMatcher } from './name-matcher.js';
import { redactEncodedKeys, redactKnownKeys } from './known-keys.js';
import { REDACTED, redactEncodedPairs, redactText, redactUserInfo } from './redact-text.js';

const PLAIN_ORIGIN = /^https?:\/\/[\w.-]+(?::\d{1,4})?(?=[/?#]|$)/;
/** Characters of a text that are read: twice as many as are stored, so that no secret is cut. */
const MAX_READ = 2 * MAX_TEXT_LENGTH;
/** Characters of a text that are searched for keys before it is cut: as many as Node accepts. */
const MAX_SEARCHED = 16_384;
const SUSPECT_SEGMENT = /[%;=]/;
const READABLE = /%5Bredacted%5D|%(?:3B|3D|2C|3A|40|2F)/g;

/** One `name=value` of a query: decoded, and as `raw` in the form for the URL. */
export interface QueryPair {
  readonly name: string;
  readonly value: string;
  readonly raw: string;
}

/** Replaces secrets in names and values, in text that contains a URL, and in URLs. */
export class Redactor {
  readonly replacement = REDACTED;
  private readonly names: NameMatcher;

  constructor(names: readonly string[]) {
    this.names = new NameMatcher(names);
  }

  /** Whether the value of a name must be replaced. True for names too long to be read. */
  isSecret(name: string): boolean {
    return name.length > MAX_READ || this.names.matches(name);
  }

  /**
   * Replaces the secrets inside a decoded value or name. Text far beyond all limits is cut off
   * unread.
   */
  text(value: string): string {
    if (value.length <= MAX_READ) return redactText(value, this.names);
    // Replaces keys before cutting, because a key that is cut in two is not found.
    const searched = this.keys(value);
    return redactText(searched.slice(0, MAX_READ), this.names);
  }

  /** Replaces keys of known forms in a text without names and values, such as a user's name. */
  keys(text: string): string {
    return redactEncodedKeys(text.slice(0, MAX_SEARCHED), REDACTED);
  }

  /** Decodes and redacts one `name=value` of a query, as sent. */
  pair(raw: string): QueryPair {
    const at = raw.indexOf('=');
    const rawName = at < 0 ? raw : raw.slice(0, at);
    const name = formDecode(rawName);
    const cleanName = this.text(name);
    const keptName = cleanName === name ? rawName : encode(cleanName);
    if (at < 0) return { name: cleanName, value: '', raw: keptName };
    if (this.isSecret(name)) {
      return { name: cleanName, value: REDACTED, raw: `${keptName}=${REDACTED}` };
    }
    const rawValue = raw.slice(at + 1);
    // Redacts before decoding, which can put `/` or `&` into a secret and so hide its end.
    const value = formDecode(redactEncodedPairs(redactUserInfo(rawValue), this.names));
    const clean = this.text(value);
    if (clean === value && cleanName === name && !value.includes(REDACTED)) {
      return { name, value, raw };
    }
    return { name: cleanName, value: clean, raw: `${keptName}=${encode(clean)}` };
  }

  /** Redacts a query, given without the `?`, up to about `limit` characters. */
  query(query: string, limit: number): string {
    let clean = '';
    for (let start = 0; start <= query.length && clean.length <= limit;) {
      const end = query.indexOf('&', start);
      const stop = end < 0 ? query.length : end;
      clean += (start > 0 ? '&' : '') + this.pair(query.slice(start, stop)).raw;
      start = stop + 1;
    }
    return clean;
  }

  /** Redacts a fragment, given without the `#`, by names as in a query. */
  fragment(fragment: string): string {
    return this.encoded(fragment.slice(0, MAX_SEARCHED));
  }

  /** Redacts the path of a URL: keys, matrix parameters, and URLs inside segments. */
  path(path: string): string {
    const clean = redactUserInfo(path).slice(0, MAX_SEARCHED);
    if (!SUSPECT_SEGMENT.test(clean)) return redactKnownKeys(clean, REDACTED);
    return clean
      .split('/')
      .map((segment) =>
        SUSPECT_SEGMENT.test(segment) ? this.encoded(segment) : redactKnownKeys(segment, REDACTED),
      )
      .join('/');
  }

  /** Redacts the scheme and host of a URL, with their user info. */
  origin(origin: string): string {
    return redactKnownKeys(redactUserInfo(origin), REDACTED);
  }

  /**
   * Redacts a whole URL, up to about `limit` characters of its query. A URL that cannot be parsed
   * loses its query and its fragment.
   *
   * @param redactPath Replaces further secrets in the path.
   */
  url(url: string, limit: number, redactPath?: (path: string) => string): string {
    const hash = url.indexOf('#');
    const target = hash < 0 ? url : url.slice(0, hash);
    const mark = target.indexOf('?');
    const base = mark < 0 ? target : target.slice(0, mark);
    let clean = this.base(base, redactPath);
    if ((mark < 0 && hash < 0) || !isParsable(url, base)) return clean;
    if (mark >= 0) clean += `?${this.query(target.slice(mark + 1), limit)}`;
    if (hash >= 0) clean += `#${this.fragment(url.slice(hash + 1))}`;
    return clean;
  }

  private base(base: string, redactPath?: (path: string) => string): string {
    const slash = startOfPath(base);
    const path = base.slice(slash);
    return this.origin(base.slice(0, slash)) + this.path(redactPath ? redactPath(path) : path);
  }

  /** Redacts an encoded part of a URL. Returns it unchanged if it contains no secret. */
  private encoded(raw: string): string {
    const once = redactEncodedPairs(raw, this.names);
    const decoded = percentDecode(once);
    const clean = this.text(decoded);
    return clean === decoded ? once : encode(clean);
  }
}

/** The index at which the path of a URL begins: after scheme and host, if it has them. */
export function startOfPath(base: string): number {
  const scheme = base.indexOf('://');
  if (scheme < 0) return 0;
  const slash = base.indexOf('/', scheme + 3);
  return slash < 0 ? base.length : slash;
}

/** Whether a URL, or a path without a host, can be parsed. `base` is the part before its query. */
export function isParsable(url: string, base: string): boolean {
  if (PLAIN_ORIGIN.test(base) || URL.canParse(url)) return true;
  return base.startsWith('/') && !base.startsWith('//') && URL.canParse(url, 'http://localhost');
}

/** Percent-encodes a redacted part of a URL, but leaves `[redacted]` and some marks readable. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    READABLE,
    (code) => (code === '%5Bredacted%5D' ? REDACTED : decodeURIComponent(code)),
  );
}
