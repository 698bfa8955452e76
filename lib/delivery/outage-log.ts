import type { QuietLogger } from './quiet-logger.js';

/** After so many failures in a row the storage is taken to be down, or the batch to be spoiled. */
export const PERSISTENT_FAILURES = 3;
/** Without a failure for so long, an outage is over. */
const QUIET_TIME_MS = 10_000;

/**
 * Says so once when a storage begins to fail, and once when it takes records again. One that takes
 * some now and then, as on a full disk, has not recovered: that would be two lines each time.
 */
export class OutageLog {
  private isLogged = false;
  private recovery: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: string,
    private readonly logger: QuietLogger,
  ) {}

  /** @param failures How many there were in a row. */
  failed(failures: number, message: string): void {
    clearTimeout(this.recovery);
    this.recovery = undefined;
    if (failures < PERSISTENT_FAILURES || this.isLogged) return;
    this.isLogged = true;
    this.logger.warn(
      `Storage '${this.storage}' has failed ${failures} times in a row; its records wait and are sent again: ${message}`,
    );
  }

  succeeded(): void {
    if (!this.isLogged || this.recovery !== undefined) return;
    this.recovery = setTimeout(() => this.recovered(), QUIET_TIME_MS);
    this.recovery.unref();
  }

  /** There will be no more calls: what has recovered by now has recovered. */
  close(): void {
    if (this.recovery !== undefined) this.recovered();
  }

  private recovered(): void {
    clearTimeout(this.recovery);
    this.recovery = undefined;
    this.isLogged = false;
    this.logger.log(`Storage '${this.storage}' takes records again.`);
  }
}
