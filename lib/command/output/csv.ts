import { visibleText } from '../../support/shown-value.js';

const NEEDS_QUOTES = /[",]|^\s|\s$/;
/** A spreadsheet takes a text that begins so for a formula. */
const FORMULA = /^[=+\-@]./s;

/**
 * A line of CSV (RFC 4180) with its end. Null is empty, and dates are in ISO 8601. Control characters
 * are escaped, and a text that a spreadsheet would take for a formula begins with an apostrophe:
 * clients choose paths and user agents.
 */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = visibleText(typeof value === 'string' ? value : JSON.stringify(value));
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
