import { copyJson } from '../../record/index.js';
import { percentDecode } from '../text-decoding.js';
import { redactKnownKeys } from './known-keys.js';
import type { NameMatcher } from './name-matcher.js';

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

const MAX_DECODINGS = 5;

const SUSPECT = /[?=:%@]/;
const ENCODED = /%[0-9a-f]{2}/i;
// The second form is for a password with a bare slash in it, which no port of a host has.
const USER_INFO = /([\\/]{2})(?:[^\\/?#]*|[^\\/?#[]*:(?!\d{0,5}[\\/?#])[^@]*)@/g;
const URL_START = /^[\\/.]|[\\/]{2}/;
/** What stands alone where pairs are expected, and is more like a token than like a word. */
const OPAQUE = /^(?=[^\d]*\d|[A-Z].*[a-z][A-Z])(?=.*[A-Za-z])[\w.~+/-]{8,}$/;
const STRUCTURED = /^\s*[[({"]/;
const ENCODED_STRUCTURED = /^(?:[\s+]|%20)*(?:[[({"]|%(?:5b|28|7b|22))/i;
// A question mark inside a query is a character like others.
const PAIR_ENDS = /[&;#\n]/;
const NAME_STARTS = /[\s&;?#=,/\\|"'(){}<>:!]/;
const AFTER_NAME = /[\s"']/;

/**
 * Takes out what a decoded value carries inside, behind several layers of percent-encoding too:
 * keys of known forms, `user:password@`, and what stands under names that are redacted, in the
 * query of a URL, in pairs such as `;token=…`, and in JSON. All the rest stays; what holds none of
 * these comes back as it is.
 */
export function redactText(value: string, names: NameMatcher, level = 0): string {
  const json = STRUCTURED.test(value) ? redactedJson(value, names, level) : null;
  if (json !== null) return json.includes(REDACTED) ? json : value;
  // A key that is encoded is found whole once it is decoded, and only in part before.
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

/** `user:password@` taken out of whatever follows `//`. */
export function redactUserInfo(text: string): string {
  const last = text.lastIndexOf('@') + 1;
  if (last === 0) return text;
  // Nothing is looked for where no `@` follows, so that each match ends where the next one starts.
  return text.slice(0, last).replace(USER_INFO, `$1${REDACTED}@`) + text.slice(last);
}

/** The query of a URL inside a value that is one token without a name. */
function redactBareQuery(value: string): string {
  const mark = value.indexOf('?');
  if (mark < 0 || !URL_START.test(value)) return value;
  const hash = value.indexOf('#', mark);
  const end = hash < 0 ? value.length : hash;
  return OPAQUE.test(value.slice(mark + 1, end))
    ? value.slice(0, mark + 1) + REDACTED + value.slice(end)
    : value;
}

/** Pairs of a value that may be percent-encoded still; those of JSON can wait until it is not. */
export function redactEncodedPairs(value: string, names: NameMatcher): string {
  return ENCODED_STRUCTURED.test(value) ? value : redactPairs(value, names);
}

/** `name=value`, and `name: value` in what looks like JSON. */
function redactPairs(value: string, names: NameMatcher): string {
  const structured = STRUCTURED.test(value);
  let clean = '';
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char !== '=' && !(structured && char === ':')) continue;
    if (!names.matches(nameBefore(value, at, from))) continue;
    clean += value.slice(from, at + 1) + REDACTED;
    // Where a member of broken JSON ends cannot be known: all that follows it goes.
    if (char === ':') return clean;
    from = endOfValue(value, at + 1);
    at = from - 1;
  }
  return from === 0 ? value : clean + value.slice(from);
}

/** JSON without what stands under names that are redacted; null if it is none. */
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
