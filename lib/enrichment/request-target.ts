import { type RequestArgs, setOwn } from '../record/index.js';
import { formDecode } from './text-decoding.js';
import { isParsable, startOfPath, type QueryPair, type Redactor } from './privacy/redactor.js';
import { MAX_ARGUMENTS, MAX_URL_LENGTH, sanitizeText } from './text-limits.js';

/** The fields of a record that come from the requested URL. */
export interface RequestTarget {
  readonly url: string;
  readonly path: string;
  readonly urlArgs: RequestArgs;
}

/**
 * Splits a URL as it was sent. Does not normalise it; broken parts stay.
 *
 * @param redactor Removes secrets from all three fields; null keeps them.
 * @param redactPath Removes further secrets from the path.
 */
export function readTarget(
  url: string,
  redactor: Redactor | null,
  redactPath?: (path: string) => string,
): RequestTarget {
  const hash = url.indexOf('#');
  const target = hash < 0 ? url : url.slice(0, hash);
  const mark = target.indexOf('?');
  const base = mark < 0 ? target : target.slice(0, mark);
  const pathAt = startOfPath(base);
  const sentPath = base.slice(pathAt);

  let path = redactPath ? redactPath(sentPath) : sentPath;
  if (redactor) path = redactor.path(path);
  const urlArgs: RequestArgs = {};
  const sentQuery = mark < 0 ? '' : target.slice(mark + 1);
  const query = mark < 0 ? '' : readQuery(sentQuery, urlArgs, redactor);

  let kept = url;
  const sentOrigin = base.slice(0, pathAt);
  const origin = redactor ? redactor.origin(sentOrigin) : sentOrigin;
  const isClean = path === sentPath && query === sentQuery && origin === sentOrigin && hash < 0;
  if (redactor && !(isClean && (mark < 0 || isParsable(url, base)))) {
    kept = origin + path;
    if (isParsable(url, base)) {
      if (mark >= 0) kept += `?${query}`;
      if (hash >= 0) kept += `#${redactor.fragment(url.slice(hash + 1))}`;
    }
  }
  return {
    url: sanitizeText(kept, MAX_URL_LENGTH),
    path: sanitizeText(path === '' ? '/' : path, MAX_URL_LENGTH),
    urlArgs,
  };
}

/** The path of a URL, as it was sent. */
export function pathOf(url: string): string {
  const base = url.split(/[?#]/, 1)[0]!;
  return base.slice(startOfPath(base));
}

/**
 * The host of a URL in lower case; empty if the URL has none. The port is left out, because a proxy
 * may have removed it.
 */
export function hostOf(url: string): string {
  const base = url.split(/[?#]/, 1)[0]!;
  const scheme = base.indexOf('://');
  if (scheme < 0) return '';
  const host = base.slice(scheme + 3, startOfPath(base)).toLowerCase();
  return host.slice(host.lastIndexOf('@') + 1).replace(/:\d*$/, '');
}

/** Adds the parameters of a query to `args`. Returns the query for the URL, redacted. */
function readQuery(query: string, args: RequestArgs, redactor: Redactor | null): string {
  // Null as long as the query is unchanged.
  let clean: string | null = null;
  let count = 0;
  for (let start = 0; start <= query.length;) {
    const length = clean === null ? start : clean.length;
    if (count >= MAX_ARGUMENTS && (!redactor || length > MAX_URL_LENGTH)) break;
    const found = query.indexOf('&', start);
    const end = found < 0 ? query.length : found;
    const sent = query.slice(start, end);
    const pair = redactor ? redactor.pair(sent) : decodePair(sent);
    if (sent !== '' && count++ < MAX_ARGUMENTS) addArg(args, pair);
    if (clean !== null) clean += `&${pair.raw}`;
    else if (pair.raw !== sent) clean = query.slice(0, start) + pair.raw;
    start = end + 1;
  }
  return clean ?? query;
}

function decodePair(raw: string): QueryPair {
  const at = raw.indexOf('=');
  return at < 0
    ? { name: formDecode(raw), value: '', raw }
    : { name: formDecode(raw.slice(0, at)), value: formDecode(raw.slice(at + 1)), raw };
}

function addArg(args: RequestArgs, pair: QueryPair): void {
  const name = sanitizeText(pair.name);
  const value = sanitizeText(pair.value);
  const before = Object.hasOwn(args, name) ? args[name] : undefined;
  if (before === undefined) setOwn<RequestArgs[string]>(args, name, value);
  else if (Array.isArray(before)) before.push(value);
  else setOwn<RequestArgs[string]>(args, name, [before, value]);
}
