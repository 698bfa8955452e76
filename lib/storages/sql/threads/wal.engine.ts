import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import { ReadThread } from './read-thread.js';
import type { SqliteThread } from './sqlite-thread.js';

/**
 * The application's connection to an SQLite file in WAL mode: what writes goes over it, in slices,
 * and a thread reads over a connection of its own, which holds up no writer in that mode.
 */
export class WalEngine implements SqlEngine {
  readonly isBlocking = false;
  readonly isSliced = true;
  private readonly reading: ReadThread;

  /** @param checkFile Throws if the application's file is gone. */
  constructor(
    private readonly here: SqlEngine,
    private readonly thread: SqliteThread,
    checkFile: () => void,
  ) {
    this.reading = new ReadThread(thread, async () => checkFile());
  }

  transaction<T>(script: () => SqlScript<T>): Promise<T> {
    return this.here.transaction(script);
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    return this.here.exclusively(script);
  }

  alterTables<T>(script: () => SqlScript<T>): Promise<T> {
    return this.here.alterTables(script);
  }

  atLength<T>(script: () => SqlScript<T>): Promise<T> {
    return this.here.atLength(script);
  }

  snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    return this.reading.snapshot(script);
  }

  steps<T>(script: () => SqlScript<T>): Promise<T> {
    return this.reading.steps(script);
  }

  read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.reading.read(statement);
  }

  parts(statement: SqlStatement): AsyncIterable<readonly SqlRow[]> {
    return this.reading.parts(statement);
  }

  erase(text: string | null): Promise<boolean> {
    return this.here.erase(text);
  }

  async close(): Promise<void> {
    await this.thread.close();
    await this.here.close();
  }
}
