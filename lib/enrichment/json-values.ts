import type { JsonObject, JsonValue } from '../record/index.js';
import { setOwn } from './own-property.js';
import { storable } from './text-limits.js';

/** Levels of objects and arrays that are kept; what lies deeper becomes null. */
export const MAX_JSON_DEPTH = 16;
/** Values that are kept in one tree, its own objects and arrays included. */
export const MAX_JSON_VALUES = 1000;

/** Replaces a value that stands under a name, or a string wherever it stands. */
export interface JsonFilter {
  isSecret(name: string): boolean;
  text(value: string): string;
  readonly replacement: string;
}

/**
 * A copy of what a user gave, made of nothing but what `JSON.parse` gives back: dates as ISO
 * strings, bigints as digits, NaN and infinities as null, functions and symbols left out, every
 * string storable, bounded in depth and size. Never throws: what cannot be read becomes null.
 */
export function toJsonObject(value: unknown, filter?: JsonFilter): JsonObject | null {
  const json = new JsonCopy(filter).copy(value, 0);
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
}

/** The same for a value of any shape. */
export function toJsonValue(value: unknown, filter?: JsonFilter): JsonValue {
  return new JsonCopy(filter).copy(value, 0) ?? null;
}

class JsonCopy {
  private left = MAX_JSON_VALUES;

  constructor(private readonly filter: JsonFilter | undefined) {}

  copy(value: unknown, depth: number): JsonValue | undefined {
    if (this.left-- <= 0) return undefined;
    switch (typeof value) {
      case 'string':
        return storable(this.filter ? this.filter.text(value) : value);
      case 'number':
        // -0 does not survive JSON either.
        return Number.isFinite(value) ? value + 0 : null;
      case 'boolean':
        return value;
      case 'bigint':
        return storable(String(value));
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

  private copyObject(value: object, depth: number): JsonValue | undefined {
    if (depth >= MAX_JSON_DEPTH) return null;
    if (Array.isArray(value)) return this.copyArray(value, depth);
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      return this.copy((toJSON as () => unknown).call(value), depth + 1);
    }
    const copy: JsonObject = {};
    for (const name of Object.keys(value)) {
      if (this.left <= 0) break;
      const kept = this.copyNamed(value as Record<string, unknown>, name, depth);
      if (kept !== undefined) setOwn(copy, storable(this.filter?.text(name) ?? name), kept);
    }
    return copy;
  }

  private copyArray(values: unknown[], depth: number): JsonValue[] {
    const copy: JsonValue[] = [];
    for (const value of values) {
      if (this.left <= 0) break;
      copy.push(this.copy(value, depth + 1) ?? null);
    }
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
