import { setTimeout as delay } from 'node:timers/promises';
import type { SqlRow } from '../layout/column.js';
import type { SqlStatement } from '../sql-statement.js';

const TRIES = 20;
const WAIT_MS = 100;

/**
 * Brings what SQLite's log holds into the file and empties the log, in which deleted rows would
 * stand until others take their place.
 *
 * @returns Whether it could be done: whoever reads an older state keeps the log.
 */
export async function truncateLog(
  run: (statement: SqlStatement) => Promise<readonly SqlRow[]>,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [row] = await run({ sql: 'pragma wal_checkpoint(truncate)', values: [] });
    if (Number(row?.['busy'] ?? 0) === 0) return true;
    await delay(WAIT_MS);
  }
  return false;
}
