import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { ThreadEngine } from './thread.engine.js';
import type { BatchWriter } from '../records/batch-writer.js';
import { EngineWriter } from '../records/record-writer.js';
import { WorkerWriter } from './thread-writer.js';

/** Makes what writes batches: where a thread works on the database, that one. */
export function openWriter(engine: SqlEngine, layout: SqlLayout, maxKeys: number): BatchWriter {
  if (engine instanceof ThreadEngine) return new WorkerWriter(engine);
  return new EngineWriter(engine, layout, maxKeys);
}
