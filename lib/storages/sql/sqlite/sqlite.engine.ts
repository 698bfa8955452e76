import { setTimeout as delay } from 'node:timers/promises';
import { drive, rowsInParts } from '../engines/run-script.js';
import { Slice } from '../../../support/slice.js';
import { queueOf } from '../../../support/serial-queue.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlRow } from '../dialects/shapes.js';
import { PAUSE, type SqlResult, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { type SqliteHandle, truncateLog, inOneTurn, isBusy } from './sqlite-handle.js';

const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;
const BUSY_TIMEOUT_MS = 10_000;
const TRIES_AT_LENGTH = 3;
const NOTHING: SqlResult = { rows: [], changes: 0 };

/**
 * SQLite on a connection that others may use too. A transaction begins and ends within one turn of
 * the event loop, while nobody else has one open. So it neither nests in another's transaction nor
 * contains another's statements. Long scripts run in slices of one turn each.
 */
export class SqliteEngine implements SqlEngine {
  readonly isBlocking = true;
  readonly isSliced = true;

  constructor(
    private readonly handle: SqliteHandle,
    private readonly disconnect: () => Promise<void>,
  ) {}

  transaction<T>(script: () => SqlScript<T>): Promise<T> {
    return queueOf(this.handle.connection).run(() => this.whole(script));
  }

  exclusively<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  alterTables<T>(script: () => SqlScript<T>): Promise<T> {
    return this.transaction(script);
  }

  atLength<T>(script: () => SqlScript<T>): Promise<T> {
    return queueOf(this.handle.connection).run(async () => {
      for (let tries = 0; tries < TRIES_AT_LENGTH; tries++) {
        try {
          const result = await this.undisturbed(script());
          await this.handle.saved();
          return result;
        } catch (error) {
          if (!(error instanceof DisturbedError)) throw error;
        }
      }
      // Others write all the time. Only one transaction keeps them out, and it blocks this thread
      // for its whole length.
      return this.whole(script);
    });
  }

  snapshot<T>(script: () => SqlScript<T>): Promise<T> {
    return this.atLength(script);
  }

  steps<T>(script: () => SqlScript<T>): Promise<T> {
    const slice = new Slice();
    return drive(
      script(),
      async (statement) => {
        await slice.step();
        return this.handle.run(statement);
      },
      () => slice.step(),
    );
  }

  async read(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.handle.run(statement).rows;
  }

  parts(statement: SqlStatement): AsyncIterable<readonly SqlRow[]> {
    return rowsInParts(this.handle.run(statement).rows);
  }

  erase(): Promise<boolean> {
    return truncateLog((statement) =>
      queueOf(this.handle.connection).run(() =>
        this.whenFree(() => this.handle.run(statement).rows),
      ),
    );
  }

  close(): Promise<void> {
    return this.disconnect();
  }

  private async whole<T>(script: () => SqlScript<T>): Promise<T> {
    const result = await this.whenFree(() => inOneTurn(this.handle, script));
    await this.handle.saved();
    return result;
  }

  /**
   * Runs a script in slices of one turn each. The writes of a slice share one transaction, because
   * each transaction waits for the disk.
   *
   * @throws {DisturbedError} if another connection writes meanwhile.
   */
  private async undisturbed<T>(script: SqlScript<T>): Promise<T> {
    const { handle } = this;
    const slice = new Slice();
    const began = this.version();
    const check = () => {
      if (this.version() !== began) throw new DisturbedError();
    };
    let step = script.next();
    while (!step.done) {
      if (isReading(step.value)) {
        check();
        step = script.next(step.value === PAUSE ? NOTHING : handle.run(step.value));
      } else {
        const first = step;
        const writing = function* (): SqlScript {
          check();
          do step = script.next(yield step.value as SqlStatement);
          while (!step.done && !slice.isOver);
        };
        await slice.next();
        await this.whenFree(
          () => inOneTurn(handle, writing),
          () => step !== first,
        ).catch((error: unknown) => {
          // The commit failed. The script cannot repeat its steps, except from its start.
          throw isBusy(error) && step !== first ? new DisturbedError() : error;
        });
      }
      await slice.step();
    }
    // The last statement may have read what another connection has just written.
    check();
    return step.value;
  }

  /**
   * Runs `work` when neither the application nor another connection has a transaction open. Retries
   * for up to 10 seconds.
   */
  private async whenFree<T>(work: () => T, isOver = () => false): Promise<T> {
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      if (!this.handle.inTransaction) {
        try {
          return work();
        } catch (error) {
          if (!isBusy(error) || isOver() || performance.now() > deadline) throw error;
        }
      } else if (performance.now() > deadline) {
        throw new Error(
          `The application has had a transaction open on the SQLite connection that it shares ` +
            `with the tracker for ${BUSY_TIMEOUT_MS} ms; end it, or give the tracker its own connection.`,
        );
      }
      // A wait by busy_timeout would block the whole process; this one blocks nothing.
      await delay(wait * (0.5 + Math.random()));
    }
  }

  // A value that changes when another connection has written.
  private version(): unknown {
    const { rows } = this.handle.run({ sql: 'pragma data_version', values: [] });
    return `${this.handle.generation} ${rows[0]?.['data_version'] as number}`;
  }
}

/** Another connection has written while a script ran in slices. */
class DisturbedError extends Error {}

function isReading({ sql }: SqlStatement): boolean {
  return sql === PAUSE.sql || /^(select|pragma) /.test(sql);
}
