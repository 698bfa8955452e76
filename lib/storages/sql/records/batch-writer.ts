import type { SqlRows } from '../dialects/dialect.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { inOneTurn, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';
import { applyIncrements, VanishedRowsError } from '../summaries/sum-writer.js';
import { KnownRows, type WrittenLatencies } from '../summaries/writer-caches.js';

/** Records, each once, and the increments of their sums. */
export interface Batch {
  /** The values of each record, in the order of `RECORD_COLUMNS`. */
  readonly rows: SqlRows;
  /** In lock order. */
  readonly increments: readonly SumIncrement[];
}

/** Writes batches. */
export interface BatchWriter {
  /**
   * Stores records and increments in one transaction.
   *
   * @throws {RepeatedRecordsError} if some of the records are stored already; nothing is changed.
   */
  write(batch: Batch): Promise<void>;
}

/**
 * Some records of a batch are stored already. Nothing was changed; the caller may send the others
 * again.
 */
export class RepeatedRecordsError extends Error {
  override readonly name = 'RepeatedRecordsError';
}

/** Writes batches through an engine of this thread. */
export class EngineWriter implements BatchWriter {
  private readonly known = new KnownRows();

  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly maxKeys: number,
    /** Caches latencies. Only for a connection that nothing else writes through. */
    private readonly written: WrittenLatencies | null = null,
  ) {}

  async write(batch: Batch): Promise<void> {
    // The engine may retry. An attempt that was rolled back wrote nothing, so the caches must not
    // remember its rows.
    let isUndone = false;
    const attempt = () => {
      if (isUndone) this.forget();
      isUndone = true;
      return this.script(batch);
    };
    for (;;) {
      try {
        return await this.engine.transaction(attempt);
      } catch (error) {
        this.forget();
        if (!(error instanceof VanishedRowsError)) throw error;
      }
    }
  }

  /** Clears the caches: the database may be another one now. */
  forget(): void {
    this.known.clear();
    this.written?.clear();
  }

  /**
   * Writes synchronously, through a connection to SQLite.
   *
   * @throws {RepeatedRecordsError} if some of the records are stored already; nothing is changed.
   */
  writeAtOnce(handle: SqliteHandle, batch: Batch): void {
    this.forget();
    inOneTurn(handle, () => this.script(batch));
  }

  private *script({ rows, increments }: Batch): SqlScript {
    const { layout } = this;
    const { dialect } = layout.records;
    if (increments.length > 0) yield* dialect.lockShared(layout);
    const inserted = yield* dialect.insert(layout.records, rows);
    if (inserted < rows.length) throw new RepeatedRecordsError();
    yield* applyIncrements(layout, increments, this.maxKeys, this.known, this.written);
  }
}
