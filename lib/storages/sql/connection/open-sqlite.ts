import { resolve } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type SqliteDatabase from 'better-sqlite3';
import type { UsageStorageContext } from '../../contract/usage-storage.js';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { plainLayout } from '../layout/plain-layout.js';
import type { SqliteTarget } from '../sql-storage.options.js';
import { BetterSqlite3Handle } from '../sqlite/better-sqlite3.handle.js';
import { checkNode, loadBetterSqlite3 } from '../sqlite/load-better-sqlite3.js';
import { SqliteFileHandle } from '../sqlite/sqlite-file.handle.js';
import { openFile, openForThread } from '../sqlite/sqlite-files.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import { SqliteThread } from '../threads/sqlite-thread.js';
import { threadScript } from '../threads/thread-script.js';
import { ReadThread } from '../threads/read-thread.js';
import { SplitEngine } from '../threads/split.engine.js';
import { WriteThread } from '../threads/write-thread.js';
import { sqliteError } from './failures.js';
import type { OpenDatabase, TableOptions } from './open-database.js';

/**
 * Opens an SQLite file of the storage's own, or `:memory:`. One thread writes to a file and another
 * reads it, because SQLite blocks the thread that calls it. `:memory:`, and a file for which no
 * thread can be started, use this thread.
 *
 * @throws {Error} if better-sqlite3 is missing or unusable, or the file cannot be opened.
 */
export async function openSqlite(
  target: SqliteTarget,
  options: TableOptions,
  context: Pick<UsageStorageContext, 'logger' | 'maxKeys'>,
): Promise<OpenDatabase> {
  const { owner } = target;
  // The process may change its working directory later.
  const file = target.sqlite === ':memory:' ? ':memory:' : resolve(target.sqlite);
  const Database = await loadBetterSqlite3(owner);
  checkNode(owner, Database);
  const layout = plainLayout(sqliteDialect, options);
  let handle: BetterSqlite3Handle | null = null;
  try {
    const opened = (handle = new BetterSqlite3Handle(openFile(Database, file)));
    if (file === ':memory:')
      return { layout, engine: new SqliteEngine(opened, async () => opened.close()) };
    const onRenewed = () => warnOfReplacedFile(context.logger, target);
    const tables = { recordTable: layout.records.name, summaryTable: layout.summaries.name };
    const migrates = options.runMigrations !== false;
    let warning: string;
    try {
      const data = { database: file, migrates, maxKeys: context.maxKeys, ...tables };
      const [writing, reading] = await startThreads(Database, data, onRenewed);
      opened.close();
      const openAtEnd = () => {
        reading.terminate();
        writing.terminate();
        return openForThread(Database, file, tables, migrates);
      };
      return { layout, engine: new SplitEngine(writing, reading), batches: writing, openAtEnd };
    } catch (error) {
      warning =
        `${owner}: ${file} is written in the event loop's thread, and read there, which holds up ` +
        `requests meanwhile, for no other thread can do it: ${(error as Error).message}`;
    }
    const reopen = () => openForThread(Database, file, tables, migrates);
    const renewing = new SqliteFileHandle(file, reopen, onRenewed, true, opened);
    const engine = new SqliteEngine(renewing, async () => renewing.close());
    return { layout, engine, openAtEnd: () => renewing, warning };
  } catch (error) {
    handle?.close();
    throw sqliteError(owner, file, error);
  }
}

async function startThreads(
  Database: typeof SqliteDatabase,
  given: {
    database: string;
    migrates: boolean;
    maxKeys: number;
    recordTable: string;
    summaryTable: string;
  },
  onRenewed: () => void,
): Promise<[WriteThread, ReadThread]> {
  const script = threadScript(Database);
  const data = { ...given, driver: script.driver };
  const writing = new WriteThread(
    new SqliteThread(script.text, { ...data, writes: true }, onRenewed),
  );
  const reader = new SqliteThread(script.text, { ...data, writes: false });
  try {
    // The writing thread starts before the first batch; the reading thread starts at the first
    // read.
    await writing.renew();
    return [writing, new ReadThread(reader, () => writing.renew())];
  } catch (error) {
    writing.terminate();
    throw error;
  }
}

function warnOfReplacedFile(logger: LoggerService, { owner, sqlite: file }: SqliteTarget): void {
  logger.warn(
    `${owner}: the SQLite file ${file} was deleted, moved or replaced while this process had it ` +
      'open. What is there now has been opened, or a new file made; records go on being stored in ' +
      'it. What was stored before is in the old one.',
  );
}
