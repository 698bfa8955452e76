import type { LoggerService } from '@nestjs/common';
import { loadBetterSqlite3 } from '../connection/load-better-sqlite3.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqliteTarget, SqlTarget } from '../sql-target.js';
import type { BatchWriter } from './batch-writer.js';
import { driverFile } from './driver-file.js';
import { EngineWriter } from './engine.writer.js';
import { tableNames } from './worker-messages.js';
import { workerScript } from './worker-script.js';
import { WorkerWriter } from './worker.writer.js';

/**
 * Makes what writes batches: a thread of its own for an SQLite file of the storage's own, for
 * SQLite works on the thread that calls it. On the application's connection, and where no thread
 * can be had, this thread has to do.
 */
export async function openWriter(
  target: SqlTarget,
  engine: SqlEngine,
  layout: SqlLayout,
  maxKeys: number,
  logger: LoggerService,
): Promise<BatchWriter> {
  const here = new EngineWriter(engine, layout, maxKeys);
  if (!('sqlite' in target) || target.sqlite === ':memory:') return here;
  try {
    return await startThread(target, layout, maxKeys);
  } catch (error) {
    logger.warn(
      `${target.owner}: ${target.sqlite} is written in the event loop's thread, which holds up ` +
        `requests meanwhile, for no other thread can do it: ${(error as Error).message}`,
    );
    return here;
  }
}

async function startThread(
  { sqlite: database, owner }: SqliteTarget,
  layout: SqlLayout,
  maxKeys: number,
): Promise<WorkerWriter> {
  if (workerScript === null)
    throw new Error('its script is missing. Use the built package, not its sources.');
  const driver = driverFile(await loadBetterSqlite3(owner));
  if (driver === null)
    throw new Error(
      'the files of better-sqlite3 are not found. A bundler must leave that package out of the ' +
        'bundle, and it must be installed where the bundle runs.',
    );
  const writer = new WorkerWriter(workerScript, {
    database,
    driver,
    maxKeys,
    ...tableNames(layout),
  });
  await writer.start();
  return writer;
}
