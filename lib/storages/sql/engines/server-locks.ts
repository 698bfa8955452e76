import type { SqlLayout } from '../layout/sql-layout.js';
import type { DatabaseLock } from './pooled.engine.js';

const PATIENCE = 60; // seconds

/** Held by the session: statements that change the schema would end a transaction. */
export function mysqlLock({ records }: SqlLayout): DatabaseLock {
  // Locks are the server's, of all its databases; a name has at most 64 characters.
  const name = 'left(concat(database(), ?), 64)';
  const values = [`.${records.name}`];
  return {
    withinTransaction: false,
    *take() {
      const sql = `select get_lock(${name}, ${PATIENCE}) as held`;
      const { rows } = yield { sql, values };
      if (Number(rows[0]?.['held']) !== 1)
        throw new Error(
          `SqlStorage: another process has been changing the table ${records.name} for ` +
            `${PATIENCE} seconds. Start again once it is done.`,
        );
    },
    *release() {
      yield { sql: `select release_lock(${name})`, values };
    },
  };
}

const CONFLICTS = new Set([
  1205, // lock wait timeout
  1213, // deadlock
  1020, // record has changed since last read
]);

/** Whether another writer was in the way, so that trying again may help. */
export function mysqlConflict(error: unknown): boolean {
  return CONFLICTS.has(Number((error as { errno?: unknown }).errno));
}
