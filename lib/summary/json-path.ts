import type { JsonObject, JsonValue } from '../record/index.js';

/**
 * The names on a path into a JSON object: `shop.plan` leads to `plan` in `shop`. A backslash before
 * a dot or a backslash makes it a part of the name: `a\.b` is one name.
 *
 * @returns null if a name is empty.
 */
export function pathKeys(path: string): readonly string[] | null {
  const keys = [''];
  for (let at = 0; at < path.length; at++) {
    const letter = path[at]!;
    const next = path[at + 1];
    if (letter === '.') keys.push('');
    else if (letter === '\\' && (next === '.' || next === '\\'))
      keys[keys.length - 1] += path[++at]!;
    else keys[keys.length - 1] += letter;
  }
  return keys.includes('') ? null : keys;
}

/** An object in which a path of names leads to a value. */
export function objectAt(keys: readonly string[], value: JsonValue): JsonObject {
  return keys.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value) as JsonObject;
}
