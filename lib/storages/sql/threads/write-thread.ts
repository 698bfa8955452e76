import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { drive } from '../engines/run-script.js';
import { SerialQueue } from '../../../support/serial-queue.js';
import type { SqlWriting } from '../engines/sql-engine.js';
import type { Batch, BatchWriter } from '../records/batch-writer.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import { isBusy, truncateLog } from '../sqlite/sqlite-handle.js';
import type { SqliteThread } from './sqlite-thread.js';
import { packRows, unpackResult } from './thread-messages.js';

const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;
const BUSY_TIMEOUT_MS = 10_000;

/**
 * A thread that writes to an SQLite file of the storage's own, so that neither the application nor
 * readers wait for it. A thread that dies is replaced at the next request.
 */
export class WriteThread implements SqlWriting, BatchWriter {
  readonly isSliced = false;
  private readonly queue = new SerialQueue();

  constructor(private readonly thread: SqliteThread) {}

  /** Opens the file if it is not open, or recreates it if it is gone. */
  async renew(): Promise<void> {
    await this.thread.request({ kind: 'renew' });
  }

  async write({ rows, increments }: Batch): Promise<void> {
    const packed = packRows(rows);
    await this.queue.run(() => this.thread.request({ kind: 'batch', rows: packed, increments }));
  }

  transaction<T>(script: () => SqlScript<T>): Promise<T> {
    return this.queue.run(async () => {
      const deadline = performance.now() + BUSY_TIMEOUT_MS;
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

  async erase(text: string | null): Promise<boolean> {
    const run = (statement: SqlStatement) =>
      this.queue.run(async () => {
        const { result } = await this.thread.request({ kind: 'run', session: null, statement });
        return unpackResult(result!).rows;
      });
    if (!(await truncateLog(run))) return false;
    if (text === null) return true;
    const { holds } = await this.thread.request({ kind: 'holds', text });
    if (!holds) return true;
    // A file that an older version wrote may hold copies in the unused parts of its pages.
    await run({ sql: 'vacuum', values: [] });
    return truncateLog(run);
  }

  /** Ends the thread at once. Uncommitted writes are lost. */
  terminate(): void {
    this.thread.terminate();
  }

  close(): Promise<void> {
    return this.queue.run(() => this.thread.close());
  }

  private async attempt<T>(script: () => SqlScript<T>): Promise<T> {
    const worker: Worker = this.thread.start();
    const end = (commits: boolean) =>
      this.thread.request({ kind: 'end', session: null, commits }, worker);
    await this.thread.request({ kind: 'begin', session: null }, worker);
    try {
      const result = await drive(
        script(),
        async (statement) => {
          const request = { kind: 'run', session: null, statement } as const;
          return unpackResult((await this.thread.request(request, worker)).result!);
        },
        () => turn(),
      );
      await end(true);
      return result;
    } catch (error) {
      // If the thread is gone, so is the transaction. The first error is the one that is thrown.
      await end(false).catch(() => undefined);
      throw error;
    }
  }
}
