import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { inOneTurn, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';
import { applyIncrements, VanishedRowsError } from '../summaries/sum-writer.js';
import { KnownRows, type WrittenLatencies } from '../summaries/writer-caches.js';

/** Records, each once, and what they add to the sums. */
export interface Batch {
  /** In the order of `RECORD_COLUMNS`. */
  readonly rows: readonly SqlRowValues[];
  /** In lock order. */
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
}

/** Some records of a batch are stored already: nothing was changed, the others may be sent. */
export class RepeatedRecordsError extends Error {
  override readonly name = 'RepeatedRecordsError';
}

/** Writes batches by an engine of this thread. */
export class EngineWriter implements BatchWriter {
  private readonly known = new KnownRows();

  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly maxKeys: number,
    /** For a connection that nothing but this writes by. */
    private readonly written: WrittenLatencies | null = null,
  ) {}

  async write(batch: Batch): Promise<void> {
    // Of an attempt that was undone, nothing has been written: the engine may make another.
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

  /** Forgets what has been written: it may be another database now. */
  forget(): void {
    this.known.clear();
    this.written?.clear();
  }

  /** Writes in this turn, by a connection of SQLite. */
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
