import type { LoggerService } from '@nestjs/common';

/** Logs only the first failure of each kind. A failure of each request must not flood the log. */
export class FailureLog {
  private readonly logged = new Set<string>();

  constructor(private readonly logger: LoggerService) {}

  /** @param what Says what failed and what happens to the request. */
  once(what: string, error: unknown): void {
    this.log(what, () => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.logger.error(`${what} This is logged once.`, reason);
    });
  }

  /** @param what Says what is wrong and what follows from it. */
  warn(what: string): void {
    this.log(what, () => {
      this.logger.warn(what);
    });
  }

  private log(what: string, write: () => void): void {
    if (this.logged.has(what)) return;
    this.logged.add(what);
    try {
      write();
    } catch {
      // A logger that throws, or an error that cannot be printed, must not reach the request.
    }
  }
}
