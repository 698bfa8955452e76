import { messageOf } from '../../support/thrown-value.js';
import type { QuietLogger } from '../../support/usage-logger.js';

/** An episode ends after this time without a failure. */
const QUIET_TIME_MS = 10_000;

/**
 * Logs once when the journal cannot be written, and once when it can again. A disk that is full
 * may take a line now and then, which does not count as recovered.
 */
export class WriteLog {
  private lastFailure = -Infinity;
  private lastSyncFailure = -Infinity;
  private isLogged = false;

  constructor(
    private readonly directory: string,
    private readonly logger: QuietLogger,
  ) {}

  failed(error: unknown): void {
    this.lastFailure = performance.now();
    if (this.isLogged) return;
    this.isLogged = true;
    this.logger.error(
      `The journal in ${this.directory} cannot be written, and is tried again each second. Until ` +
        `then records wait in memory alone: ${messageOf(error)}`,
    );
  }

  /** A segment is written, and not synchronised with the disk. */
  notSynchronised(error: Error): void {
    const now = performance.now();
    if (now - this.lastSyncFailure > QUIET_TIME_MS)
      this.logger.error(
        `The journal in ${this.directory} cannot be synchronised with the disk. What it holds ` +
          `survives this process, but may not survive the machine: ${messageOf(error)}`,
      );
    this.lastSyncFailure = now;
  }

  /** Call it now and then. */
  check(): void {
    if (!this.isLogged || performance.now() - this.lastFailure < QUIET_TIME_MS) return;
    this.isLogged = false;
    this.logger.log(`The journal in ${this.directory} is written again.`);
  }
}
