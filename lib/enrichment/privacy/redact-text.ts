import { percentDecode } from '../percent-decoding.js';
import type { NameMatcher } from './name-matcher.js';

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

const MAX_DECODINGS = 5;

const SUSPECT = /[?#=:%@;]/;
const ENCODED = /%[0-9a-f]{2}/i;
// The second form is for a password with a bare slash in it, which no port of a host has.
const USER_INFO = /([\\/]{2})(?:[^\\/?#]*|[^\\/?#[]*:(?!\d{0,5}[\\/?#])[^@]*)@/g;
const URL_START = /^[\\/.]|[\\/]{2}/;
const STRUCTURED = /^\s*[[({"]/;
const PAIR_ENDS = /[&;?#\n]/;
const NAME_STARTS = /[\s&;?#=,/\\|"'(){}<>:!]/;
const AFTER_NAME = /[\s"']/;

/**
 * Takes out what a decoded value carries inside: the query of a URL, `user:password@`, pairs such
 * as `;token=…` and members of JSON under names that are redacted, behind several layers of
 * percent-encoding too. What holds none of these comes back as it is.
 */
export function redactText(value: string, names: NameMatcher, level = 0): string {
  if (!SUSPECT.test(value)) return value;
  const clean = redactPairs(redactQuery(redactUserInfo(value)), names);
  if (!ENCODED.test(clean)) return clean;
  const decoded = percentDecode(clean);
  if (decoded === clean) return clean;
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

/** The query of a URL inside a value goes as a whole, and all that follows it. */
function redactQuery(value: string): string {
  const mark = value.search(/[?#]/);
  if (mark < 0 || mark === value.length - 1) return value;
  const isUrl = URL_START.test(value) && value[mark] === '?';
  return isUrl || value.includes('=', mark) ? value.slice(0, mark + 1) + REDACTED : value;
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
    // Where a member of JSON ends is not worth finding out: all that follows it goes.
    if (char === ':') return clean;
    from = endOfValue(value, at + 1);
    at = from - 1;
  }
  return from === 0 ? value : clean + value.slice(from);
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
