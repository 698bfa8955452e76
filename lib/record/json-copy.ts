import type { JsonObject, JsonValue } from './json.js';
import { setOwn } from './json.js';

/** Maximum depth of nested objects and arrays. Deeper ones become null. */
export const MAX_JSON_DEPTH = 16;
/** Maximum number of values in one copy, objects and arrays included. */
export const MAX_JSON_VALUES = 1000;

/** Changes texts and names, and replaces secrets, while a value is copied. */
export interface JsonFilter {
  /** Returns the text to keep for a text or a name. */
  text(value: string): string;
  /** Whether the value under a name is replaced by `replacement`. */
  isSecret(name: string): boolean;
  readonly replacement: string;
}

/**
 * Copies a value that a user gave into values that `JSON.parse` can return. Later changes to the
 * original do not reach the copy. Dates become ISO strings, bigints digits, bytes `[n bytes]`. NaN
 * and infinities become null. Functions and symbols are left out, and null in arrays. Depth and
 * number of values are limited; the depth limit ends cycles. Never throws: what cannot be read
 * becomes null. Undefined if JSON cannot hold the value.
 */
export function copyJson(value: unknown, filter?: JsonFilter): JsonValue | undefined {
  return new JsonCopy(filter).copy(value, 0);
}

class JsonCopy {
  private left = MAX_JSON_VALUES;

  constructor(private readonly filter: JsonFilter | undefined) {}

  copy(value: unknown, depth: number): JsonValue | undefined {
    if (this.left-- <= 0) return undefined;
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        // Adding 0 turns -0, which JSON does not have, into 0.
        return Number.isFinite(value) ? value + 0 : null;
      case 'boolean':
        return value;
      case 'bigint':
        return this.text(String(value));
      case 'object':
        try {
          return value === null ? null : this.copyObject(value, depth);
        } catch {
          return null;
        }
      default:
        return undefined;
    }
  }

  private text(value: string): string {
    return this.filter ? this.filter.text(value) : value;
  }

  private copyObject(value: object, depth: number): JsonValue | undefined {
    if (depth >= MAX_JSON_DEPTH) return null;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Array.isArray(value)) return this.copyArray(value, depth);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `[${value.byteLength} bytes]`;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function')
      return this.copy((toJSON as () => unknown).call(value), depth + 1);
    const copy: JsonObject = {};
    for (const name of Object.keys(value)) {
      if (this.left <= 0) break;
      const kept = this.copyNamed(value as Record<string, unknown>, name, depth);
      if (kept !== undefined) setOwn(copy, this.text(name), kept);
    }
    return copy;
  }

  private copyArray(values: readonly unknown[], depth: number): JsonValue[] {
    const copy: JsonValue[] = [];
    for (let at = 0; at < values.length && this.left > 0; at++)
      copy.push(this.copy(values[at], depth + 1) ?? null);
    return copy;
  }

  private copyNamed(
    source: Record<string, unknown>,
    name: string,
    depth: number,
  ): JsonValue | undefined {
    try {
      const value = source[name];
      if (value === undefined) return undefined;
      return this.filter?.isSecret(name) ? this.filter.replacement : this.copy(value, depth + 1);
    } catch {
      return null;
    }
  }
}
