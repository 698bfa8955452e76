import { copyJson, type JsonFilter, type JsonObject, type JsonValue } from '../record/index.js';
import { storable } from './text-limits.js';

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
