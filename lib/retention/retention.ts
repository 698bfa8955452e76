import type { LoggerService } from '@nestjs/common';
import type { PruneBounds, PruneResult } from '../storages/contract/maintenance.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { RETENTION_FIELDS, type RetentionOptions, parseAge } from './retention-options.js';

const FIRST_RUN_MS = 60_000;

const RUN_INTERVAL_MS = 60 * 60_000;

/**
 * Prunes the storages by age: one minute after the start, then every hour. Each process of an
 * application does this. Pruning twice deletes nothing more.
 */
export class Retention {
  private readonly ages: readonly (readonly [keyof PruneBounds, number])[];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    options: RetentionOptions,
    private readonly storages: readonly UsageStorage[],
    private readonly logger: LoggerService,
  ) {
    this.ages = RETENTION_FIELDS.flatMap((field) => {
      const age = parseAge(options[field]);
      return age === null ? [] : [[field, age] as const];
    });
  }

  start(): void {
    if (this.ages.length > 0) this.schedule(FIRST_RUN_MS);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Prunes now, one storage after the other. Skips storages without `prune`. */
  async prune(before: PruneBounds = this.bounds()): Promise<PruneResult> {
    const result: PruneResult = {};
    for (const storage of this.storages)
      if (storage.prune) result[storage.name] = await storage.prune(before);
    return result;
  }

  private bounds(): PruneBounds {
    const now = Date.now();
    return Object.fromEntries(this.ages.map(([field, age]) => [field, new Date(now - age)]));
  }

  private schedule(delay: number): void {
    this.timer = setTimeout(() => void this.run(), delay);
    // The timer must not keep the process alive.
    this.timer.unref();
  }

  private async run(): Promise<void> {
    try {
      await this.prune();
    } catch (error) {
      this.logger.warn(`Old usage could not be deleted; it is tried again: ${String(error)}`);
    }
    if (!this.stopped) this.schedule(RUN_INTERVAL_MS);
  }
}
