import type { SqlRowValues } from '../dialects/dialect.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';

/** Records, each once, and what they add to the sums. */
export interface Batch {
  /** In the order of `RECORD_COLUMNS`. */
  readonly rows: readonly SqlRowValues[];
  /** In the order of writers. */
  readonly increments: readonly SumIncrement[];
}

/** Writes batches. */
export interface BatchWriter {
  /**
   * Stores records and increments in one step.
   *
   * @throws {RepeatedRecordsError} if some of the records are stored already; nothing is changed.
   */
  write(batch: Batch): Promise<void>;
  close(): Promise<void>;
}
