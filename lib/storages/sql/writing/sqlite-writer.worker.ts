import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type SqliteDatabase from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { BetterSqlite3Handle } from '../engines/better-sqlite3.handle.js';
import { SqliteEngine } from '../engines/sqlite.engine.js';
import { plainLayout } from '../layout/plain-layout.js';
import { WrittenLatencies } from '../summaries/written-latencies.js';
import { EngineWriter } from './engine.writer.js';
import { unpackRows } from './packed-rows.js';
import {
  OPENED,
  sentError,
  type WriteAnswer,
  type WriteRequest,
  type WriterWorkerData,
} from './worker-messages.js';

/** SQLite's own default; that of better-sqlite3 is eight times as much. */
const PAGE_CACHE_KB = 2000;

// Writes to an SQLite file in a thread of its own, where inserts and the disk hold up nobody.

const port = parentPort!;
try {
  work(workerData as WriterWorkerData);
  answer(OPENED);
} catch (error) {
  answer(OPENED, error as Error);
}

function work({ database, driver, maxKeys, ...names }: WriterWorkerData): void {
  // By its path: this script has no place of its own from which packages could be found.
  const Database = createRequire(driver)(driver) as typeof SqliteDatabase;
  const connection = new Database(database, { fileMustExist: true, timeout: 0 });
  connection.pragma('synchronous = NORMAL');
  // Most of what is written goes to the ends of a few trees, and the rest is in the system's cache.
  connection.pragma(`cache_size = -${PAGE_CACHE_KB}`);
  const close = () => void connection.close();
  const engine = new SqliteEngine(new BetterSqlite3Handle(connection), async () => close());
  const layout = plainLayout(sqliteDialect, names);
  const writer = new EngineWriter(engine, layout, maxKeys, new WrittenLatencies());

  port.on('message', (request: WriteRequest | 'close') => {
    if (request === 'close') {
      close();
      port.close();
      return;
    }
    const { id, rows, increments } = request;
    writer.write({ rows: unpackRows(rows), increments }).then(
      () => answer(id),
      (error: Error) => answer(id, error),
    );
  });
}

function answer(id: number, error?: Error): void {
  port.postMessage({ id, ...(error && { error: sentError(error) }) } satisfies WriteAnswer);
}
