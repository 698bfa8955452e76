import { setImmediate as turn } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import type { ConnectionCheck } from './check-connection.js';
import { drive as driveScript } from './run-script.js';

/**
 * A connection of a pool, for as long as it is taken out. It goes back only if it is known to be
 * idle: a statement that the client has stopped waiting for may still run, with its transaction
 * open, and whoever got that connection next would work, and commit, in the midst of it.
 */
export class PooledConnection {
  private isUnclear = false;

  constructor(private readonly runner: QueryRunner) {}

  /** Checks a connection that is not among those that have been. */
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
      // The first error is the one to tell.
      if (!this.isUnclear)
        await runner.rollbackTransaction().catch(() => {
          this.isUnclear = true;
        });
      throw error;
    }
  }

  /** Runs a script before the connection goes back, unless it does not go back. */
  async finish(script: SqlScript): Promise<void> {
    if (!this.isUnclear) await this.drive(script);
  }

  /** Gives the connection back, or ends it. */
  async release(): Promise<void> {
    if (this.isUnclear) await end(this.runner);
    else await this.runner.release();
  }

  /** Ends the connection, whatever runs on it. */
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

async function run(runner: QueryRunner, { sql, values }: SqlStatement): Promise<SqlResult> {
  const result = await runner.query(sql, [...values], true);
  return { rows: (result.records as SqlRow[] | undefined) ?? [], changes: result.affected ?? 0 };
}

/** Whether it is the server that said so, after which it waits for the next statement. */
function isAnswer(error: unknown): boolean {
  const { code, errno, severity } = error as Record<'code' | 'errno' | 'severity', unknown>;
  // PostgreSQL gives a severity, MySQL a number; those of the operating system are negative.
  return (typeof code === 'string' && typeof severity === 'string') || Number(errno) > 0;
}

// TypeORM has no word of its own for that.
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
