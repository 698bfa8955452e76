import type { Batch } from './batch-writer.js';
import type { SqlLayout } from '../layout/sql-layout.js';

/** What the thread is started with. */
export interface WriterWorkerData {
  /** Path of the SQLite file. */
  readonly database: string;
  readonly recordTable: string;
  readonly summaryTable: string;
  readonly maxKeys: number;
}

/**
 * A batch to write. Rows are lists of plain values: those go to another thread four times as fast
 * as records, and twice as fast as text.
 */
export interface WriteRequest {
  readonly id: number;
  readonly batch: Batch;
}

/** How it went. */
export interface WriteAnswer {
  readonly id: number;
  readonly error?: WriteError;
}

/** An error as it goes from one thread to another. */
export interface WriteError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** What the thread needs to know of the tables: the file is the storage's own, so nothing else. */
export function tableNames({
  records,
  summaries,
}: SqlLayout): Pick<WriterWorkerData, 'recordTable' | 'summaryTable'> {
  return { recordTable: records.name, summaryTable: summaries.name };
}
