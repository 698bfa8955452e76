import {
  copyJson,
  MAX_TEXT_LENGTH,
  type JsonFilter,
  type JsonObject,
  type JsonValue,
} from '../record/index.js';

export { MAX_TEXT_LENGTH, MAX_URL_LENGTH, MAX_USER_AGENT_LENGTH } from '../record/index.js';
/** Query or route parameters that are kept, counting each value of a repeated name. */
export const MAX_ARGUMENTS = 50;

const UNSTORABLE = /[\0\ud800-\udfff]/;
const UNSTORABLE_UNITS =
  /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * A string as every storage can keep it: NUL characters and lone surrogates become U+FFFD, and
 * what goes beyond `limit` is cut, never through the middle of a surrogate pair.
 */
export function storable(text: string, limit = MAX_TEXT_LENGTH): string {
  const cut = text.length > limit ? cutAt(text, limit) : text;
  return UNSTORABLE.test(cut) ? cut.replace(UNSTORABLE_UNITS, '\ufffd') : cut;
}

/** `storable`, for values that may be absent or, from a careless caller, no string at all. */
export function storableOrNull(text: unknown, limit?: number): string | null {
  return typeof text === 'string' ? storable(text, limit) : null;
}

function cutAt(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  // A plain slice would keep the whole of the longer string alive for as long as the record lives.
  return Buffer.from(text.slice(0, splitsPair ? limit - 1 : limit), 'utf16le').toString('utf16le');
}

/** Copies an object as JSON carries it, every string storable. Null if it is none. */
export function toJsonObject(value: unknown, filter?: JsonFilter): JsonObject | null {
  const json = toJsonValue(value, filter);
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
}

/** The same for a value of any shape. */
export function toJsonValue(value: unknown, filter: JsonFilter = KEEP_ALL): JsonValue {
  return (
    copyJson(value, {
      text: (text) => storable(filter.text(text)),
      isSecret: (name) => filter.isSecret(name),
      replacement: filter.replacement,
    }) ?? null
  );
}

const KEEP_ALL: JsonFilter = { text: (text) => text, isSecret: () => false, replacement: '' };
