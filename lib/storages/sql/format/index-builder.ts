import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { SqlEngine, SqlSession } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { buildIndex } from './build-index.js';
import { runMigration } from './migrate.js';
import type { UsageMigration } from './usage-migration.js';

/**
 * The pause between two attempts while another process builds the index or a transaction blocks it.
 */
const PAUSE_MS = 2000;

/**
 * Creates the indexes of deferred migrations after the start. If it is interrupted, the next start
 * continues.
 */
export class IndexBuilder {
  private readonly stopping = new AbortController();
  private readonly done: Promise<void>;
  private session: SqlSession | null = null;

  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly logger: LoggerService,
    steps: readonly UsageMigration[],
  ) {
    this.done = this.build(steps);
  }

  /** Resolves when all indexes are there, or cannot be made. */
  finished(): Promise<void> {
    return this.done;
  }

  /** Stops. The database finishes the index that is being built by itself. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const { session } = this;
    this.session = null;
    // A driver may never settle a statement whose connection was ended, so `done` is not awaited.
    if (session) await session.abandon();
    else await this.done;
  }

  private async build(steps: readonly UsageMigration[]): Promise<void> {
    const { signal } = this.stopping;
    try {
      for (const step of steps) {
        for (const wanted of step.indexes!(this.layout))
          while (!(await this.attempt(() => buildIndex(wanted))))
            await delay(PAUSE_MS, undefined, { signal, ref: false });
        if (signal.aborted) return;
        // The migration finds its indexes and only notes itself in the ledger.
        await this.engine.transaction(() => runMigration(this.layout, step));
      }
    } catch (error) {
      if (signal.aborted) return;
      this.logger.warn(
        `SqlStorage: an index of ${this.layout.records.path} could not be made, without which ` +
          `questions take longer; it is tried again at the next start: ${String(error)}`,
      );
    }
  }

  private async attempt(script: () => SqlScript<boolean>): Promise<boolean> {
    const { engine, stopping } = this;
    const session = await engine.openSession!();
    if (stopping.signal.aborted) {
      await session.release();
      return true;
    }
    this.session = session;
    try {
      return await session.run(script());
    } catch (error) {
      if (stopping.signal.aborted || !session.isGivenUp(error)) throw error;
      return false;
    } finally {
      if (this.session) await session.release();
      this.session = null;
    }
  }
}
