import type { JsonValue } from '../../../record/index.js';

/**
 * A value with names that CouchDB takes: what begins with `_` has a meaning there, so such names
 * get a `~` before them, and so do those that begin with `~`.
 */
export function withEscapedNames<T>(value: T): T {
  return renamed(value as JsonValue, (name) => (/^[_~]/.test(name) ? `~${name}` : name)) as T;
}

/** The value as it was before. */
export function withNames<T>(value: T): T {
  return renamed(value as JsonValue, (name) => (name.startsWith('~') ? name.slice(1) : name)) as T;
}

function renamed(value: JsonValue, rename: (name: string) => string): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  // Not by assignment, which would change the prototype for one of the names.
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [rename(name), renamed(each, rename)]),
  );
}
