import type { SqlEngine, SqlReading, SqlWriting } from '../engines/sql-engine.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/**
 * Writes through one connection and reads through another in a thread, so that neither waits for
 * the other.
 */
export class SplitEngine implements SqlEngine {
  readonly isBlocking = false;
  readonly isSliced: boolean;

  constructor(
    private readonly writing: SqlWriting,
    private readonly reading: SqlReading,
  ) {
    this.isSliced = writing.isSliced;
  }

  transaction<T>(script: () => SqlScript<T>): Promise<T> {
    return this.writing.transaction(script);
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    return this.writing.exclusively(script);
  }

  alterTables<T>(script: () => SqlScript<T>): Promise<T> {
    return this.writing.alterTables(script);
  }

  atLength<T>(script: () => SqlScript<T>): Promise<T> {
    return this.writing.atLength(script);
  }

  snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    return this.reading.snapshot(script);
  }

  steps<T>(script: () => SqlScript<T>, signal?: AbortSignal): Promise<T> {
    return this.reading.steps(script, signal);
  }

  read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.reading.read(statement);
  }

  parts(statement: SqlStatement): AsyncIterable<readonly SqlRow[]> {
    return this.reading.parts(statement);
  }

  erase(text: string | null): Promise<boolean> {
    return this.writing.erase(text);
  }

  async close(): Promise<void> {
    await this.reading.close();
    await this.writing.close();
  }
}
