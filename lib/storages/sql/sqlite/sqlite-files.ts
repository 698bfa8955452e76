import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { migrateInOneTurn } from '../format/migrate-in-one-turn.js';
import { plainLayout } from '../layout/plain-layout.js';
import type { UsageTableNames } from '../layout/sql-layout.js';
import { BetterSqlite3Handle } from './better-sqlite3.handle.js';

/** SQLite's own default; that of better-sqlite3 is eight times as much. */
const PAGE_CACHE_KB = 2000;

/** The records are those of persons: nobody but the owner of the process has to read them. */
const FILE_MODE = 0o600;

type Driver = typeof SqliteDatabase;

/** Opens an SQLite file of the storage's own. The file and its folder are made where need be. */
export function openFile(Database: Driver, file: string): SqliteDatabase.Database {
  if (file !== ':memory:') makeFile(file);
  const connection = new Database(file, { timeout: 0 });
  try {
    // Readers do not wait for writers, and a commit does not wait for the disk. What a power cut
    // can take is the last moments, never the consistency.
    connection.pragma('busy_timeout = 5000');
    connection.pragma('journal_mode = WAL');
    connection.pragma('busy_timeout = 0');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('secure_delete = on');
    // Most of what is written goes to the ends of a few trees; the rest is in the system's cache.
    if (file !== ':memory:') connection.pragma(`cache_size = -${PAGE_CACHE_KB}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens the file that a thread works on, with the tables that may have gone with the last one. */
export function openForThread(
  Database: Driver,
  file: string,
  names: UsageTableNames,
  migrates: boolean,
): BetterSqlite3Handle {
  const handle = new BetterSqlite3Handle(openFile(Database, file));
  try {
    if (migrates) migrateInOneTurn(handle, plainLayout(sqliteDialect, names));
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/**
 * Opens a connection that only reads.
 *
 * @throws {Error} with the code `FILE_IS_GONE` if there is no file.
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
  // What a file that has been deleted left behind would be taken for this one's.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
}

/** What tells a file from another one that is put in its place; null if there is none. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino}` : null;
}

/** The code of an error that says that there is no file to read. */
export const FILE_IS_GONE = 'TRACK_USAGE_FILE_IS_GONE';

const CHUNK_BYTES = 1 << 20;

/** Whether a text stands anywhere in a file. */
export function fileHolds(path: string, text: string): boolean {
  const wanted = Buffer.from(text);
  const chunk = Buffer.alloc(CHUNK_BYTES + wanted.length);
  const file = openSync(path, 'r');
  try {
    // What is cut by the end of a chunk is looked for with the next one.
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
