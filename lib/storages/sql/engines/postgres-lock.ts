import type { SqlLayout } from '../layout/sql-layout.js';
import type { DatabaseLock } from './pooled.engine.js';

/** Held until the transaction ends, however it ends. */
export function postgresLock(layout: SqlLayout): DatabaseLock {
  return {
    withinTransaction: true,
    take: () => layout.records.dialect.stopWriters(layout),
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
