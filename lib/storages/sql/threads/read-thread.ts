import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { drive } from '../engines/run-script.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlReading } from '../engines/sql-engine.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import { FILE_IS_GONE } from '../sqlite/sqlite-files.js';
import type { SqliteThread } from './sqlite-thread.js';
import { unpackResult, type ThreadAnswer, type ThreadRequest } from './thread-messages.js';

/** How long the thread waits for another reader. It takes a dozen megabytes, and starts in 30 ms. */
const IDLE_MS = 10_000;

/**
 * Reads an SQLite file in a thread of its own, which ends when nobody has read for some seconds.
 */
export class ReadThread implements SqlReading {
  private lastSession = 0;
  /** Reads that have begun and not ended: the thread may keep rows or a transaction for them. */
  private readers = 0;
  private timer: NodeJS.Timeout | undefined;

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
    const worker = this.begin();
    let cursor: number | undefined;
    try {
      let answer = await this.ask({ kind: 'read', statement }, worker);
      for (;;) {
        ({ cursor } = answer);
        yield unpackResult(answer.result!).rows;
        if (cursor === undefined) return;
        answer = await this.ask({ kind: 'next', cursor }, worker);
      }
    } finally {
      // A caller that stops early releases the rows that the thread keeps.
      if (cursor !== undefined) await this.ask({ kind: 'drop', cursor }, worker).catch(() => {});
      this.end();
    }
  }

  async steps<T>(script: () => SqlScript<T>): Promise<T> {
    const worker = this.begin();
    try {
      return await drive(
        script(),
        (statement) => this.run(statement, null, worker),
        () => turn(),
      );
    } finally {
      this.end();
    }
  }

  /** Runs a script whose statements all see one state of the database. */
  async snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    const worker = this.begin();
    const session = ++this.lastSession;
    try {
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
    } finally {
      this.end();
    }
  }

  close(): Promise<void> {
    clearTimeout(this.timer);
    return this.thread.close();
  }

  /** Ends the thread at once. */
  terminate(): void {
    clearTimeout(this.timer);
    this.thread.terminate();
  }

  private begin(): Worker {
    const worker = this.thread.start();
    this.readers++;
    clearTimeout(this.timer);
    return worker;
  }

  private end(): void {
    if (--this.readers > 0) return;
    this.timer = setTimeout(() => this.thread.rest(), IDLE_MS).unref();
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
