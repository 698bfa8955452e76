import { setTimeout as delay } from 'node:timers/promises';
import type { SqlRow } from '../layout/column.js';
import type { SqlResult, SqlScript, SqlStatement } from '../sql-statement.js';
import type { SqlEngine } from './sql-engine.js';
import type { SqliteHandle } from './sqlite-handle.js';

const SHORTEST_WAIT = 1;
const LONGEST_WAIT = 50;
const PATIENCE = 10_000;

/**
 * SQLite on a connection that others may use too. A transaction begins and ends within one turn
 * of the event loop, when nobody else has one open: it can neither nest in another's nor have
 * another's statements in it.
 */
export class SqliteEngine implements SqlEngine {
  constructor(
    private readonly handle: SqliteHandle,
    private readonly disconnect: () => Promise<void>,
  ) {}

  async transaction<T>(script: () => SqlScript<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    for (let wait = SHORTEST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      if (!this.handle.inTransaction) {
        try {
          const result = this.attempt(script);
          await this.handle.saved();
          return result;
        } catch (error) {
          if (!isBusy(error) || performance.now() > deadline) throw error;
        }
      } else if (performance.now() > deadline) {
        throw new Error(
          `The application has had a transaction open on the SQLite connection that it shares ` +
            `with the tracker for ${PATIENCE} ms; end it, or give the tracker its own connection.`,
        );
      }
      // A wait by busy_timeout would hold up the whole process; this one holds up nobody.
      await delay(wait * (0.5 + Math.random()));
    }
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  async read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.handle.run(statement).rows;
  }

  close(): Promise<void> {
    return this.disconnect();
  }

  private attempt<T>(script: () => SqlScript<T>): T {
    const before = this.handle.busyTimeout(0);
    try {
      this.command('begin immediate');
      try {
        const result = this.drive(script());
        this.command('commit');
        return result;
      } catch (error) {
        // SQLite has ended the transaction itself after errors such as a full disk.
        if (this.handle.inTransaction) this.command('rollback');
        throw error;
      }
    } finally {
      this.handle.busyTimeout(before);
    }
  }

  private drive<T>(script: SqlScript<T>): T {
    let step = script.next();
    while (!step.done) {
      let result: SqlResult;
      try {
        result = this.handle.run(step.value);
      } catch (error) {
        step = script.throw(error);
        continue;
      }
      step = script.next(result);
    }
    return step.value;
  }

  private command(sql: string): void {
    this.handle.run({ sql, values: [] });
  }
}

function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}
