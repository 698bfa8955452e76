import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { migrateSynchronously } from '../format/migrate.js';
import { plainLayout } from '../layout/plain-layout.js';
import type { UsageTableNames } from '../layout/sql-layout.js';
import { BetterSqlite3Handle } from './better-sqlite3.handle.js';

/** SQLite's own default. That of better-sqlite3 is eight times as large. */
const PAGE_CACHE_KB = 2000;

/**
 * Four times SQLite's default, which stores a record with its sums in a sixth less time and a tenth
 * fewer bytes: fewer pages are touched and split, and less of each is left over.
 */
const PAGE_BYTES = 16_384;

/** Records hold personal data, so only the owner of the process may read the file. */
const FILE_MODE = 0o600;

type Driver = typeof SqliteDatabase;

/**
 * Opens an SQLite file of the storage's own, or `:memory:`. Creates the file and its folder if they
 * are missing.
 */
export function openFile(Database: Driver, file: string): SqliteDatabase.Database {
  if (file !== ':memory:') makeFile(file);
  const connection = new Database(file, { timeout: 0 });
  try {
    // With these settings readers do not wait for writers, and a commit does not wait for the disk.
    // A power cut can lose the last moments, but never the consistency.
    connection.pragma('busy_timeout = 5000');
    // Of a new file. One that is there keeps its own.
    connection.pragma(`page_size = ${PAGE_BYTES}`);
    connection.pragma('journal_mode = WAL');
    connection.pragma('busy_timeout = 0');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('secure_delete = on');
    // A small cache is enough: most writes go to the ends of a few B-trees, and the rest is in the
    // system's cache.
    if (file !== ':memory:') connection.pragma(`cache_size = -${PAGE_CACHE_KB}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Opens the file of a writing thread. If `migrates` is set, migrates its tables, which may be
 * missing if the last file was lost.
 *
 * @throws {NewerFormatError} if only the code of newer formats may write the tables.
 */
export function openForThread(
  Database: Driver,
  file: string,
  names: UsageTableNames,
  migrates: boolean,
): BetterSqlite3Handle {
  const handle = new BetterSqlite3Handle(openFile(Database, file));
  try {
    if (migrates) migrateSynchronously(handle, plainLayout(sqliteDialect, names));
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/**
 * Opens a connection that only reads.
 *
 * @throws {Error} if there is no file. Its code is `FILE_IS_GONE`.
 */
export function openForReading(Database: Driver, file: string): BetterSqlite3Handle {
  try {
    const connection = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 });
    connection.pragma(`cache_size = -${PAGE_CACHE_KB}`);
    return new BetterSqlite3Handle(connection);
  } catch (error) {
    if (existsSync(file)) throw error;
    throw Object.assign(new Error(`The file ${file} is gone.`), { code: FILE_IS_GONE });
  }
}

function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    closeSync(openSync(file, 'wx', FILE_MODE));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return;
    throw error;
  }
  // SQLite would take a log that a deleted file left behind for the log of this file.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
}

/** An identity that changes if another file takes a file's place; null if there is no file. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino}` : null;
}

/** The code of the error for a file that is missing. */
export const FILE_IS_GONE = 'TRACK_USAGE_FILE_IS_GONE';

const CHUNK_BYTES = 1 << 20;

/** Whether a file contains a text. */
export function fileHolds(path: string, text: string): boolean {
  const wanted = Buffer.from(text);
  const chunk = Buffer.alloc(CHUNK_BYTES + wanted.length);
  const file = openSync(path, 'r');
  try {
    // The end of each chunk is searched again with the next one, so that a text across the boundary
    // is found.
    for (let kept = 0; ;) {
      const read = readSync(file, chunk, kept, CHUNK_BYTES, null);
      if (read === 0) return false;
      const end = kept + read;
      if (chunk.subarray(0, end).includes(wanted)) return true;
      kept = Math.min(wanted.length - 1, end);
      chunk.copyWithin(0, end - kept, end);
    }
  } finally {
    closeSync(file);
  }
}
