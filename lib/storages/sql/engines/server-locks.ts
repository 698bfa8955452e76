import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';

/** How to end a connection's wait for the lock of a table. */
export interface LockWaits {
  /** The connection's id, by which another connection finds it. */
  connectionId(): SqlScript<number>;
  isWaiting(id: number): SqlScript<boolean>;
  /** Ends the statement that the connection runs. */
  end(id: number): SqlScript;
  /** Whether the error is that of a statement that `end` ended. */
  isEnded(error: unknown): boolean;
}

/** A lock that all processes on a database respect. */
export interface DatabaseLock {
  /** Whether the lock is held by a transaction, so that the work has to run inside it. */
  readonly withinTransaction: boolean;
  take(): SqlScript;
  release(): SqlScript;
  /**
   * Shortens the connection's lock timeout, so that statements queued behind its wait are not held
   * up.
   */
  hurry(): SqlScript;
  /** Restores the lock timeout. */
  unhurry(): SqlScript;
  /** Absent if the server accepts a lock timeout that is short enough. */
  readonly waits?: LockWaits;
  /** Whether the error is a conflict with others, so that a retry may succeed. */
  readonly isGivenUp: (error: unknown) => boolean;
}

/** How long a transaction that alters tables waits for one lock. It may take several locks. */
const LOCK_TIMEOUT_MS = 200;

/** PostgreSQL's lock. It is held until the transaction ends, by commit or rollback. */
export function postgresLock(layout: SqlLayout): DatabaseLock {
  return {
    withinTransaction: true,
    take: () => layout.records.dialect.lockExclusive(layout),
    *release() {},
    *hurry() {
      yield { sql: `set local lock_timeout = ${LOCK_TIMEOUT_MS}`, values: [] };
    },
    *unhurry() {},
    isGivenUp: isPostgresConflict,
  };
}

const POSTGRES_CONFLICTS = new Set([
  '40001', // serialisation failure
  '40P01', // deadlock
  '55P03', // lock not available
]);

/** Whether the error is a conflict with another writer, so that a retry may succeed. */
export function isPostgresConflict(error: unknown): boolean {
  return POSTGRES_CONFLICTS.has(String((error as { code?: unknown }).code));
}

const MYSQL_LOCK_WAIT_S = 60;

/**
 * MySQL's and MariaDB's lock. The session holds it, because statements that change the schema
 * commit a transaction.
 */
export function mysqlLock({ records }: SqlLayout): DatabaseLock {
  // Lock names are shared by all databases of a server, and have at most 64 characters.
  const name = 'left(concat(database(), ?), 64)';
  const values = [`.${records.name}`];
  return {
    withinTransaction: false,
    *take() {
      const sql = `select get_lock(${name}, ${MYSQL_LOCK_WAIT_S}) as held`;
      const { rows } = yield { sql, values };
      if (Number(rows[0]?.['held']) !== 1)
        throw new Error(
          `SqlStorage: another process has been changing the table ${records.name} for ` +
            `${MYSQL_LOCK_WAIT_S} seconds. Start again once it is done.`,
        );
    },
    *release() {
      yield { sql: `select release_lock(${name})`, values };
    },
    // MySQL accepts no timeout of less than a second. `waits` ends a wait earlier.
    *hurry() {
      const sql = 'set @usage_wait = @@session.lock_wait_timeout, session lock_wait_timeout = 1';
      yield { sql, values: [] };
    },
    *unhurry() {
      const sql = 'set session lock_wait_timeout = coalesce(@usage_wait, @@lock_wait_timeout)';
      yield { sql, values: [] };
    },
    waits: MYSQL_WAITS,
    isGivenUp: isMysqlConflict,
  };
}

// A user sees and ends statements of its own without further rights.
const MYSQL_WAITS: LockWaits = {
  *connectionId() {
    const { rows } = yield { sql: 'select connection_id() as id', values: [] };
    return Number(rows[0]!['id']);
  },
  *isWaiting(id) {
    const { rows } = yield { sql: 'show processlist', values: [] };
    const row = rows.find(({ Id }) => Number(Id) === id);
    return /^Waiting for .*lock/.test(String(row?.['State']));
  },
  *end(id) {
    yield { sql: `kill query ${id}`, values: [] };
  },
  isEnded: (error) => Number((error as { errno?: unknown }).errno) === 1317,
};

const MYSQL_CONFLICTS = new Set([
  1205, // lock wait timeout
  1213, // deadlock
  1020, // record has changed since last read
]);

/** Whether the error is a conflict with another writer, so that a retry may succeed. */
export function isMysqlConflict(error: unknown): boolean {
  return MYSQL_CONFLICTS.has(Number((error as { errno?: unknown }).errno));
}
