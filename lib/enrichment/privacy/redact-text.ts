import { copyJson } from '../../record/index.js';
import { percentDecode } from '../text-decoding.js';
import { redactKnownKeys } from './known-keys.js';
import type { NameMatcher } from './name-matcher.js';

/** The text that replaces a secret. */
export const REDACTED = '[redacted]';

const MAX_DECODINGS = 5;

const SUSPECT = /[?=:%@]/;
const ENCODED = /%[0-9a-f]{2}/i;
// The second alternative matches a password with a bare slash. Its lookahead excludes `host:port/`.
const USER_INFO = /([\\/]{2})(?:[^\\/?#]*|[^\\/?#[]*:(?!\d{0,5}[\\/?#])[^@]*)@/g;
const URL_START = /^[\\/.]|[\\/]{2}/;
/** Matches a single value in place of pairs that looks like a token rather than a word. */
const OPAQUE = /^(?=[^\d]*\d|[A-Z].*[a-z][A-Z])(?=.*[A-Za-z])[\w.~+/-]{8,}$/;
const STRUCTURED = /^\s*[[({"]/;
const ENCODED_STRUCTURED = /^(?:[\s+]|%20)*(?:[[({"]|%(?:5b|28|7b|22))/i;
// A question mark inside a query does not end a pair.
const PAIR_ENDS = /[&;#\n]/;
const NAME_STARTS = /[\s&;?#=,/\\|"'(){}<>:!]/;
const AFTER_NAME = /[\s"']/;

/**
 * Replaces the secrets inside a decoded value, also behind several layers of percent-encoding: keys
 * of known forms, `user:password@`, and the values of redacted names in the query of a URL, in
 * pairs such as `;token=…` and in JSON. Everything else stays. A value without secrets is returned
 * unchanged.
 */
export function redactText(value: string, names: NameMatcher, level = 0): string {
  const json = STRUCTURED.test(value) ? redactedJson(value, names, level) : null;
  if (json !== null) return json.includes(REDACTED) ? json : value;
  // An encoded key is complete only after decoding, so encoded text is searched later.
  const text = ENCODED.test(value) ? value : redactKnownKeys(value, REDACTED);
  if (!SUSPECT.test(text)) return text;
  const clean = redactPairs(redactBareQuery(redactUserInfo(text)), names);
  if (!ENCODED.test(clean)) return redactKnownKeys(clean, REDACTED);
  const decoded = percentDecode(clean);
  if (decoded === clean) return redactKnownKeys(clean, REDACTED);
  if (level >= MAX_DECODINGS) return REDACTED;
  const deeper = redactText(decoded, names, level + 1);
  return deeper === decoded ? clean : deeper;
}

/** Replaces `user:password` before an `@`, wherever it follows `//`. */
export function redactUserInfo(text: string): string {
  const last = text.lastIndexOf('@') + 1;
  if (last === 0) return text;
  // Searches only where an `@` follows, so that each match starts where the one before ended.
  return text.slice(0, last).replace(USER_INFO, `$1${REDACTED}@`) + text.slice(last);
}

/** Replaces the query of a URL inside a value if it is a single token without a name. */
function redactBareQuery(value: string): string {
  const mark = value.indexOf('?');
  if (mark < 0 || !URL_START.test(value)) return value;
  const hash = value.indexOf('#', mark);
  const end = hash < 0 ? value.length : hash;
  return OPAQUE.test(value.slice(mark + 1, end))
    ? value.slice(0, mark + 1) + REDACTED + value.slice(end)
    : value;
}

/** Redacts pairs in a value that may be percent-encoded. Leaves JSON until it is decoded. */
export function redactEncodedPairs(value: string, names: NameMatcher): string {
  return ENCODED_STRUCTURED.test(value) ? value : redactPairs(value, names);
}

/** Redacts `name=value`, and `name: value` in text that looks like JSON. */
function redactPairs(value: string, names: NameMatcher): string {
  const structured = STRUCTURED.test(value);
  let clean = '';
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char !== '=' && !(structured && char === ':')) continue;
    if (!names.matches(nameBefore(value, at, from))) continue;
    clean += value.slice(from, at + 1) + REDACTED;
    // The end of a member of broken JSON is unknown, so all text after it is removed.
    if (char === ':') return clean;
    from = endOfValue(value, at + 1);
    at = from - 1;
  }
  return from === 0 ? value : clean + value.slice(from);
}

/** JSON with the values of redacted names replaced; null if the value is not valid JSON. */
function redactedJson(value: string, names: NameMatcher, level: number): string | null {
  if (level >= MAX_DECODINGS) return null;
  try {
    const copy = copyJson(JSON.parse(value), {
      text: (text) => redactText(text, names, level + 1),
      isSecret: (name) => names.matches(name),
      replacement: REDACTED,
    });
    return JSON.stringify(copy);
  } catch {
    return null;
  }
}

function nameBefore(value: string, at: number, from: number): string {
  let end = at;
  while (end > from && AFTER_NAME.test(value[end - 1] ?? '')) end--;
  let start = end;
  while (start > from && !NAME_STARTS.test(value[start - 1] ?? '')) start--;
  return value.slice(start, end);
}

function endOfValue(value: string, start: number): number {
  const length = value.slice(start).search(PAIR_ENDS);
  return length < 0 ? value.length : start + length;
}
