import type { SqlStatement } from '../sql-statement.js';

type Bound = SqlStatement['values'][number] | SqlStatement['values'];

/** A statement with its bound values written into it, as an administrator runs it. */
export function literalStatements({ sql, values, forEach }: SqlStatement): string[] {
  const sets: readonly SqlStatement['values'][] = forEach ? [...forEach] : [values];
  return sets.map((bound) => {
    let at = 0;
    return sql
      .replace(/\$(\d+)|\?/g, (_placeholder, position?: string) => {
        const value = bound[position === undefined ? at++ : Number(position) - 1];
        return literal(value ?? null, position !== undefined);
      })
      .trim();
  });
}

/** @param isArray Whether the database binds a list as an array, rather than as rows. */
function literal(value: Bound, isArray: boolean): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = (value as readonly Bound[]).map((item) => {
      const text = literal(item, isArray);
      return Array.isArray(item) && !isArray ? `(${text})` : text;
    });
    return isArray ? `array[${items.join(', ')}]` : items.join(', ');
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return `'${String(value).replaceAll("'", "''")}'`;
}
