/** A name as ClickHouse quotes it. */
export function quoted(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

/** A text or a number as a literal. Text may hold anything. */
export function literal(value: string | number | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string')
    return `'${value.replace(/[\\']/g, '\\$&').replace(/\0/g, '\\0')}'`;
  return Number.isSafeInteger(value) ? String(value) : `toFloat64('${value}')`;
}
