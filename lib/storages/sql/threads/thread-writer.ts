import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { type Batch, type BatchWriter, EngineWriter } from '../records/batch-writer.js';
import { packRows } from './thread-messages.js';
import { ThreadEngine } from './thread.engine.js';

/** Writes batches in a thread of its own. One that dies is replaced at the next batch. */
export class WorkerWriter implements BatchWriter {
  constructor(private readonly engine: ThreadEngine) {}

  async write({ rows, increments }: Batch): Promise<void> {
    const packed = packRows(rows);
    const { queue, writer } = this.engine;
    await queue.run(() => writer.request({ kind: 'batch', rows: packed, increments }));
  }

  async close(): Promise<void> {}
}

/** Makes what writes batches: where a thread works on the database, that one. */
export function openWriter(engine: SqlEngine, layout: SqlLayout, maxKeys: number): BatchWriter {
  if (engine instanceof ThreadEngine) return new WorkerWriter(engine);
  return new EngineWriter(engine, layout, maxKeys);
}
