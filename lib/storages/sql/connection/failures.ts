import { resolve } from 'node:path';
import { connectionReason } from '../../../support/thrown-value.js';
import { PartlyUnavailableError, StorageUnavailableError } from '../../contract/storage-errors.js';

// The errors that blame a record are a short list. All others (time-outs, cancellation, locks,
// connection limits, failover, a full disk, a table that is being altered) may pass by themselves.

/**
 * PostgreSQL's error classes that blame a record: cardinality, data, constraints, check option,
 * limits of a statement, and errors that a trigger of the application raises.
 */
const POSTGRES_RECORD_ERROR = /^(21|22|23|27|44|54|P0)[0-9A-Z]{3}$/;

/**
 * SQLite's error codes that blame a record, including their extended codes. `ERROR` is raised for a
 * statement that is too long or too deeply nested.
 */
const SQLITE_RECORD_ERROR = /^SQLITE_(ERROR|CONSTRAINT|TOOBIG|MISMATCH|RANGE)/;

/** MySQL's and MariaDB's error numbers that blame a record. */
const MYSQL_RECORD_ERRORS = new Set([
  // Values that a column does not accept.
  1048, 1264, 1265, 1292, 1300, 1364, 1366, 1367, 1406, 1411, 1416, 1690,
  // Invalid JSON, or JSON that is too large or too deep.
  3140, 3141, 3143, 3144, 3146, 3150, 3157,
  // Keys, constraints, checks, and triggers that raise an error.
  1062, 1169, 1216, 1217, 1451, 1452, 1557, 1586, 1644, 1761, 1762, 3819, 4025,
  // A statement that is too large, or that the server cannot parse because of its contents.
  1054, 1064, 1104, 1118, 1153, 1301, 1390, 1436,
]);

// Errors that concern the whole server: its connections, access, resources, read-only mode,
// shutdown.
const POSTGRES_SERVER = /^(08|25|28|3D|53|57P|58)/;
const MYSQL_SERVER = new Set([
  1040, 1042, 1044, 1045, 1047, 1053, 1129, 1130, 1203, 1226, 1290, 1792, 1836, 2006, 2013, 3118,
  4151,
]);

/** Messages of a TypeError or RangeError that a driver throws when its connection is gone. */
const CONNECTION_GONE = /connection is (not open|busy)/i;

/**
 * Converts an error of a database or its driver into the error that delivery expects.
 *
 * @returns The error itself if it blames a record; a `PartlyUnavailableError` if other statements
 * may still succeed; else a `StorageUnavailableError`.
 */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageUnavailableError) return error;
  if (isAboutRecords(error)) return error;
  const Outage = isOfStatement(error) ? PartlyUnavailableError : StorageUnavailableError;
  const message = error.message.replace(/^SqlStorage: /, '');
  return new Outage(`SqlStorage: ${message}`, { cause: error });
}

interface DriverError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
  /** TypeORM's errors wrap the driver's. */
  readonly driverError?: unknown;
}

function isAboutRecords(error: DriverError): boolean {
  const { code, errno, driverError } = error;
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return SQLITE_RECORD_ERROR.test(code);
  // Operating system errors have negative numbers.
  if (typeof errno === 'number' && errno > 0) return MYSQL_RECORD_ERRORS.has(errno);
  if (typeof code === 'string') return POSTGRES_RECORD_ERROR.test(code) || isWrongValue(code);
  // A value that the driver cannot send raises a TypeError or a RangeError, without a code.
  const thrown = driverError instanceof Error ? driverError : error;
  return /^(TypeError|RangeError)$/.test(thrown.name) && !CONNECTION_GONE.test(error.message);
}

// Other statements may still succeed: this one was killed, timed out or met a lock, or the error is
// unknown.
function isOfStatement({ code, errno, message }: DriverError): boolean {
  if (typeof errno === 'number' && errno > 0) return !MYSQL_SERVER.has(errno);
  if (typeof code === 'string' && /^[0-9A-Z]{2}[0-9A-Z]{3}$/.test(code) && /\d/.test(code))
    return !POSTGRES_SERVER.test(code);
  return (
    /^SQLITE_(CORRUPT|ABORT|INTERRUPT)|^PROTOCOL_SEQUENCE_TIMEOUT/.test(String(code)) ||
    /^Query read timeout/.test(message)
  );
}

// Node's error codes for a value that is too large or of the wrong type.
function isWrongValue(code: string): boolean {
  return /^ERR_(OUT_OF_RANGE|STRING_TOO_LONG|INVALID_ARG|BUFFER_TOO_LARGE)/.test(code);
}

/**
 * The error for a database server that cannot be reached.
 *
 * @param shown The server's address without its password.
 */
export function openError(shown: string, error: unknown): Error {
  return new Error(
    `SqlStorage: could not open the database (${shown}): ${connectionReason(error)}. ` +
      'Check that the address is right, that the server runs and that it lets this user in.',
    { cause: error },
  );
}

const OTHER_NODE = /NODE_MODULE_VERSION|different Node\.js version|was compiled against/;
const NO_BINARY = /Could not locate the bindings file/;

/** The error for an SQLite file that cannot be opened, with a remedy. */
export function sqliteError(owner: string, file: string, error: unknown): Error {
  const { code } = error as { code?: unknown };
  const told = connectionReason(error);
  if (OTHER_NODE.test(told))
    return made(
      `the binary of better-sqlite3 was built for another Node than ${process.version}, which ` +
        'runs here. Build it for this one: npm rebuild better-sqlite3.',
    );
  if (NO_BINARY.test(told))
    return made(
      'better-sqlite3 is installed without its binary, as package managers leave it that run no ' +
        'install scripts. Get it: npm rebuild better-sqlite3, or with pnpm: ' +
        'pnpm add --allow-build=better-sqlite3 better-sqlite3.',
    );
  if (code === 'ERR_DLOPEN_FAILED')
    return made(
      `the binary of better-sqlite3 cannot be loaded (${told}). Build it on this machine, for ` +
        `${process.platform} ${process.arch} and Node ${process.version}: ` +
        'npm rebuild better-sqlite3.',
    );
  const shown = file === ':memory:' ? file : resolve(file);
  return made(`could not open the database (${shown}): ${told}. ${adviceOn(code)}`);

  function made(message: string): Error {
    return new Error(`${owner}: ${message}`, { cause: error });
  }
}

function adviceOn(code: unknown): string {
  switch (code) {
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return 'Give another path as database, or move that file away: a new one is made.';
    case 'SQLITE_FULL':
    case 'ENOSPC':
      return 'Make room on that disk, or give another path as database.';
    default:
      return (
        'Give as database a path to a file in a folder that this process may write to, on a disk ' +
        'of this machine.'
      );
  }
}
