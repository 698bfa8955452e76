import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import type { ConnectionCheck } from './check-connection.js';
import { drive as driveScript } from './run-script.js';

/** A statement that was cancelled ends within this time, or had not begun. */
const CANCEL_AGAIN_MS = 100;

/**
 * A connection that is taken out of a pool. It returns to the pool only if it is known to be idle.
 * A statement that the client stopped waiting for may still run, with its transaction open; the
 * next user of that connection would work, and commit, inside that transaction.
 */
export class PooledConnection {
  private isUnclear = false;
  private isEnded = false;

  constructor(private readonly runner: QueryRunner) {}

  /** Checks the connection unless it is in `checked`, and adds it there. */
  async check(checked: WeakSet<object>, check: ConnectionCheck): Promise<void> {
    const connection = (await this.runner.connect()) as object;
    if (checked.has(connection)) return;
    await this.drive(check());
    checked.add(connection);
  }

  /** Runs a script, statement by statement. */
  drive<T>(script: SqlScript<T>): Promise<T> {
    return drive(this.runner, script, (error) => this.note(error));
  }

  async transaction<T>(script: () => SqlScript<T>): Promise<T> {
    const { runner } = this;
    try {
      await runner.startTransaction('READ COMMITTED').catch((error) => this.fail(error));
      const result = await this.drive(script());
      await runner.commitTransaction().catch((error) => this.fail(error));
      return result;
    } catch (error) {
      // The first error is the one that is thrown.
      if (!this.isUnclear)
        await runner.rollbackTransaction().catch(() => {
          this.isUnclear = true;
        });
      throw error;
    }
  }

  /**
   * Runs a script that only reads, until a signal. One transaction holds its statements, so that a
   * proxy between client and server sends them to one connection, which can be named to another.
   *
   * @param identify Reads the server's number of the connection.
   * @param cancel Ends the statement that runs on the connection of a number.
   */
  async stoppable<T>(
    script: () => SqlScript<T>,
    signal: AbortSignal,
    identify: SqlStatement,
    cancel: (id: number) => Promise<void>,
  ): Promise<T> {
    const { runner } = this;
    let cancelling = Promise.resolve();
    await runner.startTransaction('READ COMMITTED').catch((error) => this.fail(error));
    try {
      const id = await this.drive(readId(identify));
      const over = new AbortController();
      const stop = () => {
        // A connection whose statement cannot be ended is ended itself. That gives the pool room for
        // another one, by which the statement is ended that still runs on the server.
        cancelling = untilOver(over.signal, () => cancel(id)).catch(async () => {
          await this.abandon();
          void cancel(id).catch(() => {});
        });
      };
      signal.throwIfAborted();
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await this.drive(script());
      } finally {
        over.abort();
        signal.removeEventListener('abort', stop);
        await cancelling;
      }
    } finally {
      if (!this.isUnclear)
        await runner.rollbackTransaction().catch(() => {
          this.isUnclear = true;
        });
    }
  }

  /** Runs a last script, unless the connection will be ended instead of returned. */
  async finish(script: SqlScript): Promise<void> {
    if (!this.isUnclear) await this.drive(script);
  }

  /** Returns the connection to its pool, or ends it if it may not be idle. */
  async release(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = this.isUnclear;
    if (this.isUnclear) await end(this.runner);
    else await this.runner.release();
  }

  /** Ends the connection even if a statement runs on it. */
  abandon(): Promise<void> {
    this.isUnclear = true;
    return this.release();
  }

  private note(error: unknown): void {
    if (!isAnswer(error)) this.isUnclear = true;
  }

  private fail(error: unknown): never {
    this.note(error);
    throw error;
  }
}

/** Cancels again and again: a server passes over a statement that it has not begun yet. */
async function untilOver(over: AbortSignal, cancel: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    await cancel();
    await delay(CANCEL_AGAIN_MS, undefined, { signal: over }).catch(() => {});
  }
}

function* readId(identify: SqlStatement): SqlScript<number> {
  return Number((yield identify).rows[0]?.['id']);
}

/** Runs a script on a connection, statement by statement. */
export function drive<T>(
  runner: QueryRunner,
  script: SqlScript<T>,
  onError: (error: unknown) => void = () => {},
): Promise<T> {
  const noted = async (statement: SqlStatement) => {
    try {
      return await run(runner, statement);
    } catch (error) {
      onError(error);
      throw error;
    }
  };
  return driveScript(script, noted, () => turn());
}

async function run(
  runner: QueryRunner,
  { sql, values, forEach }: SqlStatement,
): Promise<SqlResult> {
  let rows: readonly SqlRow[] = [];
  let changes = 0;
  for (const bound of forEach ?? [values]) {
    const { records, affected } = await runner.query(sql, [...bound], true);
    rows = (records as SqlRow[] | undefined) ?? [];
    changes += affected ?? 0;
  }
  return { rows, changes };
}

/**
 * Whether the error is an answer of the server, after which the connection is ready for the next
 * statement.
 */
function isAnswer(error: unknown): boolean {
  const { code, errno, severity } = error as Record<'code' | 'errno' | 'severity', unknown>;
  // PostgreSQL's errors have a severity, MySQL's a positive number. Operating system errors have
  // negative numbers.
  return (typeof code === 'string' && typeof severity === 'string') || Number(errno) > 0;
}

// TypeORM has no method to end one connection of a pool.
async function end(runner: QueryRunner): Promise<void> {
  const { releasePostgresConnection, databaseConnection } = runner as unknown as {
    releasePostgresConnection?: (error: Error) => Promise<void>;
    databaseConnection?: { destroy?(): void };
  };
  if (releasePostgresConnection)
    return releasePostgresConnection.call(runner, new Error('A statement had no answer.'));
  databaseConnection?.destroy?.();
  await runner.release();
}
