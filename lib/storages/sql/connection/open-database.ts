import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout, UsageTableNames } from '../layout/sql-layout.js';
import type { SqlTarget } from '../sql-target.js';
import { openSqlite } from './open-sqlite.js';

/** A database that is open: what runs statements on it, and what the tables are called there. */
export interface OpenDatabase {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
}

/**
 * Connects, or takes the connection of the application.
 *
 * @throws if the driver is not installed or the database does not answer.
 */
export async function openDatabase(
  target: SqlTarget,
  names: UsageTableNames,
): Promise<OpenDatabase> {
  if ('sqlite' in target) return openSqlite(target, names);
  // All of TypeORM, which nobody should pay for who has an SQLite file and nothing else.
  const { openByTypeorm } = await import('./open-by-typeorm.js');
  return openByTypeorm(target, names);
}
