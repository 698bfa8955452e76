import type { SqlLayout } from '../layout/sql-layout.js';
import type { DatabaseLock } from './pooled.engine.js';

// Any number that no other user of advisory locks is likely to have chosen.
const FAMILY = 1_953_853_801;

/** Held until the transaction ends, however it ends. */
export function postgresLock({ records }: SqlLayout): DatabaseLock {
  return {
    withinTransaction: true,
    *take() {
      yield {
        sql: 'select pg_advisory_xact_lock($1, hashtext($2))',
        values: [FAMILY, records.path],
      };
    },
    *release() {},
  };
}

const CONFLICTS = new Set([
  '40001', // serialisation failure
  '40P01', // deadlock
  '55P03', // lock not available
]);

/** Whether another writer was in the way, so that trying again may help. */
export function postgresConflict(error: unknown): boolean {
  return CONFLICTS.has(String((error as { code?: unknown }).code));
}
