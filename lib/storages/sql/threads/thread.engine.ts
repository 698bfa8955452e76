import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { drive } from '../engines/run-script.js';
import { SerialQueue } from '../../../support/serial-queue.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import { isBusy, truncateLog } from '../sqlite/sqlite-handle.js';
import { ReadThread } from './read-thread.js';
import type { SqliteThread } from './sqlite-thread.js';
import { unpackResult } from './thread-messages.js';

const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;
const PATIENCE_MS = 10_000;

/**
 * An SQLite file of the storage's own, on which one thread writes and another reads, so that
 * neither holds up the other, nor the application.
 */
export class ThreadEngine implements SqlEngine {
  readonly isBlocking = false;
  readonly isSliced = false;
  /** Of what the thread that writes is to do: one thing at a time. */
  readonly queue = new SerialQueue();
  private readonly reading: ReadThread;

  constructor(
    readonly writer: SqliteThread,
    private readonly reader: SqliteThread,
  ) {
    this.reading = new ReadThread(reader, () => writer.request({ kind: 'renew' }));
  }

  transaction<T>(script: () => SqlScript<T>): Promise<T> {
    return this.queue.run(async () => {
      const deadline = performance.now() + PATIENCE_MS;
      for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
        try {
          return await this.attempt(script);
        } catch (error) {
          if (!isBusy(error) || performance.now() > deadline) throw error;
        }
        await delay(wait * (0.5 + Math.random()));
      }
    });
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  alterTables<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  atLength<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
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

  async erase(text: string | null): Promise<boolean> {
    const run = (statement: SqlStatement) =>
      this.queue.run(async () => {
        const { result } = await this.writer.request({ kind: 'run', session: null, statement });
        return unpackResult(result!).rows;
      });
    if (!(await truncateLog(run))) return false;
    if (text === null) return true;
    const { holds } = await this.writer.request({ kind: 'holds', text });
    if (!holds) return true;
    // A file of an older version has copies in the unused parts of its pages.
    await run({ sql: 'vacuum', values: [] });
    return truncateLog(run);
  }

  /** Ends the threads: what they have begun and not committed is undone. */
  terminate(): void {
    this.reader.terminate();
    this.writer.terminate();
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.queue.run(() => this.writer.close());
  }

  private async attempt<T>(script: () => SqlScript<T>): Promise<T> {
    const worker: Worker = this.writer.start();
    const end = (commits: boolean) =>
      this.writer.request({ kind: 'end', session: null, commits }, worker);
    await this.writer.request({ kind: 'begin', session: null }, worker);
    try {
      const result = await drive(
        script(),
        async (statement) => {
          const request = { kind: 'run', session: null, statement } as const;
          return unpackResult((await this.writer.request(request, worker)).result!);
        },
        () => turn(),
      );
      await end(true);
      return result;
    } catch (error) {
      // Where the thread is gone, so is the transaction; the first error is the one to tell.
      await end(false).catch(() => undefined);
      throw error;
    }
  }
}
