import type { Batch } from './batch-writer.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { PackedRows } from './packed-rows.js';

/** What the thread is started with. */
export interface WriterWorkerData {
  /** Path of the SQLite file. */
  readonly database: string;
  /** The file that better-sqlite3 is loaded from. */
  readonly driver: string;
  readonly recordTable: string;
  readonly summaryTable: string;
  readonly maxKeys: number;
}

/** The id of the answer that comes unasked: the thread has opened the file, or could not. */
export const OPENED = 0;

/** A batch to write. */
export interface WriteRequest {
  readonly id: number;
  readonly rows: PackedRows;
  readonly increments: Batch['increments'];
}

/** How it went. */
export interface WriteAnswer {
  readonly id: number;
  readonly error?: WriteError;
}

/** An error as it goes from one thread to another: those of better-sqlite3 would lose all but their code. */
export interface WriteError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

export function sentError({ name, message, code }: Error & { code?: string }): WriteError {
  return { name, message, ...(code && { code }) };
}

/** What the thread needs to know of the tables: the file is the storage's own, so nothing else. */
export function tableNames({
  records,
  summaries,
}: SqlLayout): Pick<WriterWorkerData, 'recordTable' | 'summaryTable'> {
  return { recordTable: records.name, summaryTable: summaries.name };
}
