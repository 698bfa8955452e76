import { StorageUnavailableError } from '../storage-unavailable.error.js';

// Classes of PostgreSQL: connection, resources, operator's intervention, and a read-only server.
const POSTGRES = /^(08...|53...|57P..|25006|40001|40P01|55P03)$/;
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|PROTOCOL_|ER_CON_COUNT)/;
const SQLITE = /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN|BUSY|LOCKED|NOMEM|PROTOCOL)/;
const MYSQL = new Set([
  1021, // disk full
  1040, // too many connections
  1053, // server shutdown in progress
  1114, // table full
  1205, // lock wait timeout
  1213, // deadlock
  1290, // read only
  1836, // read only
  2006, // server has gone away
  2013, // lost connection
]);
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Can't add new command when connection is in closed state|Pool is closed|Cannot use a pool after)/;

/** The error as delivery should see it: whether the database, or a record, is to blame. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || !isUnavailable(error)) return error;
  return new StorageUnavailableError(`SqlStorage: ${error.message}`, { cause: error });
}

function isUnavailable(error: Error & { code?: unknown; errno?: unknown }): boolean {
  const code = typeof error.code === 'string' ? error.code : '';
  return (
    POSTGRES.test(code) ||
    NETWORK.test(code) ||
    SQLITE.test(code) ||
    MYSQL.has(Number(error.errno)) ||
    MESSAGES.test(error.message)
  );
}
