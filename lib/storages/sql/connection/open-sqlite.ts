import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { BetterSqlite3Handle } from '../engines/better-sqlite3.handle.js';
import { SqliteEngine } from '../engines/sqlite.engine.js';
import { plainLayout } from '../layout/plain-layout.js';
import type { UsageTableNames } from '../layout/sql-layout.js';
import type { OpenDatabase } from './open-database.js';
import type { SqliteTarget } from '../sql-target.js';
import { loadBetterSqlite3 } from './load-better-sqlite3.js';
import { sqliteError } from './sqlite-error.js';

/**
 * Opens an SQLite file of the storage's own, or `:memory:`. The file and its folder are made where
 * they are not there.
 */
export async function openSqlite(
  { sqlite: file, owner }: SqliteTarget,
  names: UsageTableNames,
): Promise<OpenDatabase> {
  const Database = await loadBetterSqlite3(owner);
  let opened: { close(): unknown } | null = null;
  try {
    if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
    const connection = (opened = new Database(file));
    // Readers do not wait for writers, and a commit does not wait for the disk. What a power cut
    // can take is the last moments, never the consistency.
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    const close = async () => void connection.close();
    return {
      engine: new SqliteEngine(new BetterSqlite3Handle(connection), close),
      layout: plainLayout(sqliteDialect, names),
    };
  } catch (error) {
    opened?.close();
    throw sqliteError(owner, file, error);
  }
}
