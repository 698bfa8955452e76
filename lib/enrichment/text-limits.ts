import {
  copyJson,
  MAX_TEXT_LENGTH,
  type JsonFilter,
  type JsonObject,
  type JsonValue,
} from '../record/index.js';

export {
  MAX_CONSUMER_LENGTH,
  MAX_TEXT_LENGTH,
  MAX_URL_LENGTH,
  MAX_USER_AGENT_LENGTH,
} from '../record/index.js';
/** Maximum number of query or route parameters. Each value of a repeated name counts. */
export const MAX_ARGUMENTS = 50;

const UNSTORABLE = /[\0\ud800-\udfff]/;
const UNSTORABLE_UNITS =
  /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Makes a string that every storage can hold. NUL characters and lone surrogates become U+FFFD.
 * Cuts the string at `limit` characters, but never in the middle of a surrogate pair.
 */
export function sanitizeText(text: string, limit = MAX_TEXT_LENGTH): string {
  const cut = text.length > limit ? cutAt(text, limit) : text;
  return UNSTORABLE.test(cut) ? cut.replace(UNSTORABLE_UNITS, '\ufffd') : cut;
}

/** `sanitizeText` for values that may be missing. Null if the value is not a string. */
export function sanitizeTextOrNull(text: unknown, limit?: number): string | null {
  return typeof text === 'string' ? sanitizeText(text, limit) : null;
}

function cutAt(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  // A plain slice would keep the whole longer string in memory as long as the record.
  return Buffer.from(text.slice(0, splitsPair ? limit - 1 : limit), 'utf16le').toString('utf16le');
}

/** Copies an object as JSON, with every string sanitized. Null if the value is not an object. */
export function toJsonObject(value: unknown, filter?: JsonFilter): JsonObject | null {
  const json = toJsonValue(value, filter);
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
}

/** Copies a value as JSON, with every string sanitized. Null if JSON cannot hold the value. */
export function toJsonValue(value: unknown, filter: JsonFilter = KEEP_ALL): JsonValue {
  return (
    copyJson(value, {
      text: (text) => sanitizeText(filter.text(text)),
      isSecret: (name) => filter.isSecret(name),
      replacement: filter.replacement,
    }) ?? null
  );
}

const KEEP_ALL: JsonFilter = { text: (text) => text, isSecret: () => false, replacement: '' };
