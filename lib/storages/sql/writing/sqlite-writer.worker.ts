import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { BetterSqlite3Handle } from '../engines/better-sqlite3.handle.js';
import { SqliteEngine } from '../engines/sqlite.engine.js';
import { plainLayout } from '../layout/plain-layout.js';
import { WrittenLatencies } from '../summaries/written-latencies.js';
import { EngineWriter } from './engine.writer.js';
import { unpackRows } from './packed-rows.js';
import type { WriteAnswer, WriteError, WriteRequest, WriterWorkerData } from './worker-messages.js';

/** SQLite's own default; that of better-sqlite3 is eight times as much. */
const PAGE_CACHE_KB = 2000;

// Writes to an SQLite file in a thread of its own, where inserts and the disk hold up nobody.

const { database, maxKeys, ...names } = workerData as WriterWorkerData;
const port = parentPort!;
const connection = new Database(database, { fileMustExist: true, timeout: 0 });
connection.pragma('synchronous = NORMAL');
// Most of what is written goes to the ends of a few trees, and the rest is in the system's cache.
connection.pragma(`cache_size = -${PAGE_CACHE_KB}`);
const engine = new SqliteEngine(new BetterSqlite3Handle(connection), async () => {
  connection.close();
});
const writer = new EngineWriter(
  engine,
  plainLayout(sqliteDialect, names),
  maxKeys,
  new WrittenLatencies(),
);

port.on('message', (request: WriteRequest | 'close') => {
  if (request === 'close') {
    connection.close();
    port.close();
    return;
  }
  const { id, rows, increments } = request;
  const answer = (error?: WriteError) => {
    port.postMessage({ id, ...(error && { error }) } satisfies WriteAnswer);
  };
  writer.write({ rows: unpackRows(rows), increments }).then(
    () => answer(),
    (error: Error & { code?: string }) =>
      answer({ name: error.name, message: error.message, ...(error.code && { code: error.code }) }),
  );
});
