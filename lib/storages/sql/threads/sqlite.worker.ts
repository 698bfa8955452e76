import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type SqliteDatabase from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { plainLayout } from '../layout/plain-layout.js';
import { EngineWriter } from '../records/batch-writer.js';
import { SqliteFileHandle } from '../sqlite/sqlite-file.handle.js';
import { openForReading, openForThread } from '../sqlite/sqlite-files.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import { WrittenLatencies } from '../summaries/writer-caches.js';
import { packError, type ThreadData, type ThreadRequest, UnpackedRows } from './thread-messages.js';
import { ThreadServer, type Reply } from './thread-server.js';

// Works on an SQLite file in a thread of its own, so that queries, inserts and the disk do not
// block the application.

const { database, driver, writes, migrates, maxKeys, ...names } = workerData as ThreadData;
const port = parentPort!;
let isRenewed = false;

// Loads the driver by its path: this script has no location from which packages could be resolved.
const load = () => createRequire(driver)(driver) as typeof SqliteDatabase;
const reading = () => openForReading(load(), database);
const handle = new SqliteFileHandle(
  database,
  writes ? () => openForThread(load(), database, names, migrates) : reading,
  () => {
    isRenewed = true;
    writer.forget();
  },
  writes,
);
const server = new ThreadServer(database, handle, reading);
const writer = new EngineWriter(
  new SqliteEngine(handle, async () => {}),
  plainLayout(sqliteDialect, names),
  maxKeys,
  new WrittenLatencies(),
);

async function answer(request: Exclude<ThreadRequest, { kind: 'close' }>): Promise<Reply> {
  // SQLite's `data_version` does not report writes of this connection itself, so the writer clears
  // its caches.
  if (request.kind === 'end' && request.session === null) writer.forget();
  if (request.kind !== 'batch') return server.answer(request);
  await writer.write({ rows: new UnpackedRows(request.rows), increments: request.increments });
  return {};
}

port.on('message', (request: ThreadRequest & { id: number }) => {
  if (request.kind === 'close') {
    server.close();
    port.close();
    return;
  }
  const { id } = request;
  const send = (outcome: object) => {
    port.postMessage({ id, ...outcome, ...(isRenewed && { isRenewed }) });
    isRenewed = false;
  };
  answer(request).then(send, (error: unknown) => send({ error: packError(error) }));
});
