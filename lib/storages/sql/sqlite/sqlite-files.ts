import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { FILE_IS_GONE } from './file-is-gone.js';
import { BetterSqlite3Handle } from './better-sqlite3.handle.js';
import { plainLayout } from '../layout/plain-layout.js';
import type { UsageTableNames } from '../layout/sql-layout.js';
import { migrateInOneTurn } from '../format/migrate-in-one-turn.js';

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
 * @throws with the code `FILE_IS_GONE` if there is no file.
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
