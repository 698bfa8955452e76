import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';
import { unlogged } from './unlogged.js';

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  engine: SqlEngine,
  { salts }: SqlLayout,
  day: string,
  proposed: string,
): Promise<string> {
  const { dialect } = salts;
  const selection: SqlStatement = {
    sql:
      `select t.${salts.column('salt')} as ${dialect.quote('salt')} from ${salts.path} t ` +
      `where t.${salts.column('day')} = ${dialect.placeholder(1)}`,
    values: [day],
  };
  const [known] = await engine.read(selection);
  if (known) return String(known['salt']);
  return engine.transaction(function* () {
    // Of several that insert, the primary key lets the first one through.
    yield* dialect.insert(salts, [[day, unlogged(dialect, proposed)]]);
    const { rows } = yield selection;
    return String(rows[0]?.['salt']);
  });
}

/** Deletes the salts of the days before. */
export async function forgetDailySalts(
  engine: SqlEngine,
  { salts }: SqlLayout,
  before: string,
): Promise<void> {
  const bindings = new SqlBindings(salts.dialect);
  const sql = `delete from ${salts.path} where ${salts.column('day')} < ${bindings.add(before)}`;
  await engine.transaction(function* () {
    yield { sql, values: bindings.values };
  });
}
