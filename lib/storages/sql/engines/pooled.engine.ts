import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { withTimeLimit } from '../../../support/time-limit.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import type { ConnectionCheck } from './check-connection.js';
import { withShortLockWaits } from './lock-wait-watch.js';
import { PooledConnection } from './pooled-connection.js';
import { rowsInParts } from './run-script.js';
import type { DatabaseLock } from './server-locks.js';
import type { StatementCancelling } from './statement-cancelling.js';
import type { SqlEngine, SqlSession } from './sql-engine.js';

const MAX_ATTEMPTS = 12;
const SHORTEST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 500;
/**
 * For how long `alterTables()` retries while others use the table, and its pause between two
 * attempts, in which they have the table to themselves.
 */
const ALTER_TIMEOUT_MS = 60_000;
const ALTER_PAUSE_MS = 500;
/** For how long a statement to cancel waits for a connection to do it by. */
const CANCEL_TIMEOUT_MS = 5000;

/** The differences between servers. */
export interface PooledEngineOptions {
  readonly lock: DatabaseLock;
  /** Whether the error is a conflict with another writer, so that a retry may succeed. */
  readonly isConflict: (error: unknown) => boolean;
  /** Runs on each connection before its first use. */
  readonly check: ConnectionCheck;
  readonly disconnect: () => Promise<void>;
  readonly cancelling: StatementCancelling;
}

/**
 * Runs scripts on a server through a pool of connections. Each transaction has a connection to
 * itself.
 */
export class PooledEngine implements SqlEngine {
  readonly isBlocking = false;
  readonly isSliced = false;
  private readonly checked = new WeakSet<object>();

  constructor(
    private readonly createRunner: () => QueryRunner,
    private readonly options: PooledEngineOptions,
  ) {}

  async transaction<T>(script: () => SqlScript<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.withConnection((connection) => connection.transaction(script));
      } catch (error) {
        if (tries >= MAX_ATTEMPTS || !this.options.isConflict(error)) throw error;
      }
      const wait = Math.min(SHORTEST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
      await delay(wait * (0.5 + Math.random()));
    }
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    const { lock } = this.options;
    return this.withConnection(async (connection) => {
      if (lock.withinTransaction)
        return connection.transaction(function* () {
          yield* lock.take();
          return yield* script();
        });
      await connection.drive(lock.take());
      try {
        return await connection.transaction(script);
      } finally {
        await connection.finish(lock.release());
      }
    });
  }

  async alterTables<T>(script: () => SqlScript<T>): Promise<T> {
    const deadline = performance.now() + ALTER_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.alterOnce(script);
      } catch (error) {
        const { isGivenUp, waits } = this.options.lock;
        if (!isGivenUp(error) && !waits?.isEnded(error)) throw error;
        if (performance.now() > deadline)
          throw new Error(
            'SqlStorage: the tables have to be brought up to date, and a transaction of somebody ' +
              `else has been in the way for ${ALTER_TIMEOUT_MS} ms, such as a report or a backup ` +
              `that reads them. Start again once it is done. (${(error as Error).message})`,
            { cause: error },
          );
      }
      await delay(ALTER_PAUSE_MS * (0.5 + Math.random()));
    }
  }

  private alterOnce<T>(script: () => SqlScript<T>): Promise<T> {
    const { lock } = this.options;
    return this.withConnection(async (connection) => {
      if (lock.withinTransaction)
        return connection.transaction(function* () {
          yield* lock.hurry();
          yield* lock.take();
          return yield* script();
        });
      await connection.drive(lock.take());
      try {
        await connection.drive(lock.hurry());
        const work = () => connection.drive(script());
        if (!lock.waits) return await work();
        return await withShortLockWaits(lock.waits, connection, () => this.connect(), work);
      } finally {
        await connection.finish(lock.unhurry());
        await connection.finish(lock.release());
      }
    });
  }

  atLength<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  steps<T>(script: () => SqlScript<T>, signal?: AbortSignal): Promise<T> {
    const { identify } = this.options.cancelling;
    return this.withConnection((connection) =>
      signal
        ? connection.stoppable(script, signal, identify, (id) => this.cancel(id))
        : connection.drive(script()),
    );
  }

  // Through another connection: the one whose statement runs takes no other.
  private async cancel(id: number): Promise<void> {
    const connection = new PooledConnection(this.createRunner());
    const opened = connection.check(this.checked, this.options.check);
    const isOpen = opened.then(() => true);
    try {
      if (!(await withTimeLimit(isOpen, CANCEL_TIMEOUT_MS, () => false)))
        throw new Error('The pool has no connection to cancel a statement by.');
      await connection.drive(
        (function* (cancel): SqlScript {
          yield cancel;
        })(this.options.cancelling.cancel(id)),
      );
    } finally {
      // A connection that comes late goes back too.
      void opened.catch(() => {}).then(() => connection.release());
    }
  }

  read({ sql, values }: SqlStatement, signal?: AbortSignal): Promise<readonly SqlRow[]> {
    return this.steps(function* (): SqlScript<readonly SqlRow[]> {
      return (yield { sql, values }).rows;
    }, signal);
  }

  async openSession(): Promise<SqlSession> {
    const connection = await this.connect();
    return {
      run: (script) => connection.drive(script),
      isGivenUp: this.options.lock.isGivenUp,
      abandon: () => connection.abandon(),
      release: () => connection.release(),
    };
  }

  async *parts(
    statement: SqlStatement,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly SqlRow[], void, undefined> {
    yield* rowsInParts(await this.read(statement, signal));
  }

  async erase(): Promise<boolean> {
    return true;
  }

  close(): Promise<void> {
    return this.options.disconnect();
  }

  private async connect(): Promise<PooledConnection> {
    const connection = new PooledConnection(this.createRunner());
    try {
      await connection.check(this.checked, this.options.check);
      return connection;
    } catch (error) {
      await connection.release();
      throw error;
    }
  }

  private async withConnection<T>(work: (connection: PooledConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    try {
      return await work(connection);
    } finally {
      await connection.release();
    }
  }
}
