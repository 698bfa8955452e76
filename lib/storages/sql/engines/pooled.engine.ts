import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { SqlRow } from '../layout/column.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import type { SqlEngine } from './sql-engine.js';

const TRIES = 12;
const SHORTEST_WAIT = 4;
const LONGEST_WAIT = 500;

/** A lock that all processes on a database respect. */
export interface DatabaseLock {
  /** Whether the lock ends with the transaction, so that the work has to be in it. */
  readonly withinTransaction: boolean;
  take(): SqlScript;
  release(): SqlScript;
}

/** A server behind a pool of connections: each transaction has one to itself. */
export class PooledEngine implements SqlEngine {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lock: DatabaseLock,
    private readonly isConflict: (error: unknown) => boolean,
    private readonly disconnect: () => Promise<void>,
  ) {}

  async transaction<T>(script: () => SqlScript<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.withRunner((runner) => inTransaction(runner, script));
      } catch (error) {
        if (tries >= TRIES || !this.isConflict(error)) throw error;
      }
      const wait = Math.min(SHORTEST_WAIT * 2 ** (tries - 1), LONGEST_WAIT);
      await delay(wait * (0.5 + Math.random()));
    }
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    const { lock } = this;
    return this.withRunner(async (runner) => {
      if (lock.withinTransaction)
        return inTransaction(runner, function* () {
          yield* lock.take();
          return yield* script();
        });
      await drive(runner, lock.take());
      try {
        return await inTransaction(runner, script);
      } finally {
        await drive(runner, lock.release());
      }
    });
  }

  read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.withRunner(async (runner) => (await run(runner, statement)).rows);
  }

  close(): Promise<void> {
    return this.disconnect();
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

async function inTransaction<T>(runner: QueryRunner, script: () => SqlScript<T>): Promise<T> {
  await runner.startTransaction('READ COMMITTED');
  try {
    const result = await drive(runner, script());
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // Where the connection is gone, so is the transaction; the first error is the one to tell.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

/** Runs a script on a connection, statement by statement. */
export async function drive<T>(runner: QueryRunner, script: SqlScript<T>): Promise<T> {
  let step = script.next();
  while (!step.done) {
    let result: SqlResult;
    try {
      result = await run(runner, step.value);
    } catch (error) {
      step = script.throw(error);
      continue;
    }
    step = script.next(result);
  }
  return step.value;
}

async function run(runner: QueryRunner, { sql, values }: SqlStatement): Promise<SqlResult> {
  const result = await runner.query(sql, [...values], true);
  return { rows: (result.records as SqlRow[] | undefined) ?? [], changes: result.affected ?? 0 };
}
