import { existsSync } from 'node:fs';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlTarget } from '../sql-target.js';
import type { BatchWriter } from './batch-writer.js';
import { EngineWriter } from './engine.writer.js';
import { workerFile } from './worker-file.js';
import { tableNames } from './worker-messages.js';
import { WorkerWriter } from './worker.writer.js';

/**
 * Makes what writes batches: a thread of its own for an SQLite file of the storage's own, for
 * SQLite works on the thread that calls it. In a bundle, where the thread's script is not beside
 * this one, and on the application's connection this thread has to do.
 */
export function openWriter(
  target: SqlTarget,
  engine: SqlEngine,
  layout: SqlLayout,
  maxKeys: number,
): BatchWriter {
  if (!('sqlite' in target) || target.sqlite === ':memory:' || !existsSync(workerFile))
    return new EngineWriter(engine, layout, maxKeys);
  return new WorkerWriter({ database: target.sqlite, maxKeys, ...tableNames(layout) });
}
