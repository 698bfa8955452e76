import type { LoggerService } from '@nestjs/common';
import type SqliteDatabase from 'better-sqlite3';
import {
  ApplicationSqliteHandle,
  type BetterSqlite3Driver,
} from '../sqlite/application-sqlite.handle.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { migrateSynchronously } from '../format/migrate.js';
import { SqliteThread } from './sqlite-thread.js';
import { threadScript } from './thread-script.js';
import { ReadThread } from './read-thread.js';
import { SplitEngine } from './split.engine.js';

/** Settings for a connection to SQLite that TypeORM has opened. */
export interface ApplicationSqlite {
  /** Whether the connection is the application's. */
  readonly isShared: boolean;
  /** Whether the storage migrates its tables itself. */
  readonly migrates: boolean;
  readonly disconnect: () => Promise<void>;
  readonly logger: LoggerService;
}

/**
 * Creates the engine for TypeORM's connection to SQLite. It writes in this thread. A thread of its
 * own reads the file, if the file is in WAL mode, so that reads do not block the application's
 * writes, and can be opened without a key.
 */
export function openApplicationSqlite(
  driver: BetterSqlite3Driver,
  layout: SqlLayout,
  { isShared, migrates, disconnect, logger }: ApplicationSqlite,
): SqlEngine {
  const { records, summaries } = layout;
  const handle = new ApplicationSqliteHandle(driver, isShared, (renewed) => {
    if (migrates) migrateSynchronously(renewed, layout);
  });
  const here = new SqliteEngine(handle, disconnect);
  const Database = driver.databaseConnection.constructor as typeof SqliteDatabase;
  if (!isWal(handle) || !isReadable(Database, handle.file)) return here;
  try {
    const { text, driver: file } = threadScript(Database);
    const thread = new SqliteThread(text, {
      database: handle.file,
      driver: file,
      writes: false,
      migrates: false,
      maxKeys: 0,
      recordTable: records.name,
      summaryTable: summaries.name,
    });
    return new SplitEngine(here, new ReadThread(thread, async () => handle.check()));
  } catch (error) {
    logger.warn(
      `SqlStorage: ${handle.file} is read in the event loop's thread, in slices, for no other ` +
        `thread can do it: ${(error as Error).message}`,
    );
    return here;
  }
}

function isWal(handle: ApplicationSqliteHandle): boolean {
  if (handle.file === '') return false;
  const { rows } = handle.run({ sql: 'pragma journal_mode', values: [] });
  return rows[0]?.['journal_mode'] === 'wal';
}

// An encrypted file cannot be read without the application's key.
function isReadable(Database: typeof SqliteDatabase, file: string): boolean {
  try {
    const connection = new Database(file, { readonly: true, fileMustExist: true });
    try {
      connection.prepare('select count(*) from sqlite_master').get();
      return true;
    } finally {
      connection.close();
    }
  } catch {
    return false;
  }
}
