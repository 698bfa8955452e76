// A cell that begins so is a formula for spreadsheets, also behind white space.
const FORMULA = /^[\s\uFEFF]*[=+\-@\t\r|%＝＋－＠]/u;
const QUOTED = /[",\r\n;]|^\s|\s$/;

/** One line of CSV, with its end. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * A cell. Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay
 * as they are.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
