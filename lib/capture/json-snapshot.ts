import type { JsonObject, JsonValue } from '../record/index.js';
import { setOwn } from './own-property.js';

/** Levels of objects and arrays that are kept; what lies deeper becomes null. */
const MAX_DEPTH = 16;
/** Values that are kept in all. */
const MAX_VALUES = 1000;

/**
 * A copy of what handlers left, which later changes do not reach and which JSON carries unchanged:
 * dates as ISO strings, bigints as digits, NaN, infinities and cycles as null, functions and
 * symbols left out, bounded in depth and number. Never throws: what cannot be read becomes null.
 * Null if nothing was left.
 */
export function snapshotJson(vars: Record<string, unknown> | undefined): JsonObject | null {
  if (vars === undefined) return null;
  try {
    const copy = new Snapshot().object(vars, 0);
    for (const _name in copy) return copy;
  } catch {
    // A proxy whose traps throw.
  }
  return null;
}

class Snapshot {
  private left = MAX_VALUES;

  /** Undefined where the value has no place in JSON. */
  private value(value: unknown, depth: number): JsonValue | undefined {
    if (this.left-- <= 0) return undefined;
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        // Adding 0 makes 0 of -0, which JSON does not carry.
        return Number.isFinite(value) ? value + 0 : null;
      case 'bigint':
        return value.toString();
      case 'object':
        return value === null ? null : this.nested(value, depth);
      default:
        return undefined;
    }
  }

  private nested(value: object, depth: number): JsonValue | undefined {
    if (depth >= MAX_DEPTH) return null;
    try {
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      if (Array.isArray(value)) return this.array(value, depth);
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
        return `[${value.byteLength} bytes]`;
      }
      const { toJSON } = value as { toJSON?: unknown };
      if (typeof toJSON === 'function') return this.value(toJSON.call(value), depth + 1);
      return this.object(value as Record<string, unknown>, depth);
    } catch {
      return null;
    }
  }

  private array(values: readonly unknown[], depth: number): JsonValue[] {
    const copy: JsonValue[] = [];
    for (let at = 0; at < values.length && this.left > 0; at++) {
      copy.push(this.value(values[at], depth + 1) ?? null);
    }
    return copy;
  }

  object(source: Record<string, unknown>, depth: number): JsonObject {
    const copy: JsonObject = {};
    for (const name of Object.keys(source)) {
      if (this.left <= 0) break;
      const value = this.property(source, name, depth);
      if (value !== undefined) setOwn(copy, name, value);
    }
    return copy;
  }

  private property(source: Record<string, unknown>, name: string, depth: number) {
    try {
      return this.value(source[name], depth + 1);
    } catch {
      return null;
    }
  }
}
