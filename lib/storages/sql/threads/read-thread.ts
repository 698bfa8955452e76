import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { drive } from '../engines/run-script.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlReading } from '../engines/sql-engine.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import { FILE_IS_GONE } from '../sqlite/sqlite-files.js';
import type { SqliteThread } from './sqlite-thread.js';
import { unpackResult, type ThreadAnswer, type ThreadRequest } from './thread-messages.js';

/** Reads an SQLite file in a thread of its own. */
export class ReadThread implements SqlReading {
  private lastSession = 0;

  /** @param renew Called if the file is gone: recreates it, or rejects. */
  constructor(
    private readonly thread: SqliteThread,
    private readonly renew: () => Promise<unknown>,
  ) {}

  async read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    const rows: SqlRow[] = [];
    for await (const part of this.parts(statement)) rows.push(...part);
    return rows;
  }

  async *parts(statement: SqlStatement): AsyncGenerator<readonly SqlRow[], void, undefined> {
    const worker = this.thread.start();
    let { result, cursor } = await this.ask({ kind: 'read', statement }, worker);
    try {
      yield unpackResult(result!).rows;
      while (cursor !== undefined) {
        ({ result, cursor } = await this.ask({ kind: 'next', cursor }, worker));
        yield unpackResult(result!).rows;
      }
    } finally {
      // A caller that stops early releases the rows that the thread keeps.
      if (cursor !== undefined) await this.ask({ kind: 'drop', cursor }, worker).catch(() => {});
    }
  }

  steps<T>(script: () => SqlScript<T>): Promise<T> {
    const worker = this.thread.start();
    return drive(
      script(),
      (statement) => this.run(statement, null, worker),
      () => turn(),
    );
  }

  /** Runs a script whose statements all see one state of the database. */
  async snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    const worker = this.thread.start();
    const session = ++this.lastSession;
    await this.ask({ kind: 'begin', session }, worker);
    try {
      return await drive(
        script(),
        (statement) => this.run(statement, session, worker),
        () => turn(),
      );
    } finally {
      await this.ask({ kind: 'end', session, commits: false }, worker).catch(() => {});
    }
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  /** Ends the thread at once. */
  terminate(): void {
    this.thread.terminate();
  }

  private async run(
    statement: SqlStatement,
    session: number | null,
    worker: Worker,
  ): Promise<SqlResult> {
    return unpackResult((await this.ask({ kind: 'run', session, statement }, worker)).result!);
  }

  // The reading thread cannot create the file: the writing side does it, then the request is
  // repeated.
  private async ask(request: ThreadRequest, worker: Worker): Promise<ThreadAnswer> {
    try {
      return await this.thread.request(request, worker);
    } catch (error) {
      if ((error as { code?: unknown }).code !== FILE_IS_GONE) throw error;
    }
    await this.renew();
    return this.thread.request(request, worker);
  }
}
