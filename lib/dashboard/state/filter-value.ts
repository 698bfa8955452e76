import { FIELD_BY_PATH } from '../../record/index.js';
import { REPORT_DIMENSIONS } from '../../summary/index.js';

/** A value that a filter compares with. */
export type FilterValue = string | number | boolean | Date | null;

const NUMBERS: readonly string[] = ['integer', 'bigInteger', 'microseconds', 'real', 'number'];

/**
 * Reads a value from an address. `null` means none; a text that reads so, or begins with a backslash,
 * stands behind a backslash. What does not fit its field stays text: the query's own check refuses it.
 */
export function readValue(field: string, text: string): FilterValue {
  if (text === 'null') return null;
  const plain = text.startsWith('\\') ? text.slice(1) : text;
  const kind = kindOf(field);
  if (kind === 'flag' || kind === 'boolean')
    return plain === 'true' || (plain === 'false' ? false : plain);
  if (NUMBERS.includes(kind)) return isNumber(plain) ? Number(plain) : plain;
  if (kind === 'instant') {
    const date = new Date(plain);
    return Number.isNaN(date.getTime()) ? plain : date;
  }
  return plain;
}

/** Writes a value into an address. */
export function writeValue(value: FilterValue): string {
  if (value === null) return 'null';
  if (value instanceof Date) return value.toISOString();
  const text = String(value);
  return typeof value === 'string' && (text === 'null' || text.startsWith('\\'))
    ? `\\${text}`
    : text;
}

/**
 * The value to filter by for one that a report shows; undefined for the values that a summary has
 * folded, which nothing can be filtered by.
 */
export function filterValueOf(shown: string | number | boolean | null): FilterValue | undefined {
  if (shown === '(other)') return undefined;
  return typeof shown === 'string' && /^\\+\((?:none|other)\)$/.test(shown)
    ? shown.slice(1)
    : shown;
}

function kindOf(field: string): string {
  return REPORT_DIMENSIONS.get(field)?.kind ?? FIELD_BY_PATH.get(field)?.kind ?? 'text';
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
