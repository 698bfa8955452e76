import { Injectable } from '@nestjs/common';
import type { StorageStats } from '../delivery/index.js';
import { UsageService } from './usage.service.js';

/**
 * The result of the health check, in the form of `@nestjs/terminus` indicators.
 *
 * @publicApi
 */
export type UsageHealth<Key extends string> = Record<
  Key,
  {
    readonly status: 'up' | 'down';
    /** The state of each storage, by its name. */
    readonly storages: Readonly<
      Record<
        string,
        Pick<StorageStats, 'waiting' | 'oldestWaiting'> & {
          readonly status: 'up' | 'down';
          /** Kind of the last failure; null if there was none. */
          readonly lastError: 'unavailable' | 'failed' | null;
        }
      >
    >;
  }
>;

const DEFAULT_MAX_AGE_MS = 60_000;

/**
 * Checks whether records reach their storages, for `@nestjs/terminus`. The result contains no
 * messages of drivers, because health checks are often public. See the log or `stats()` for these.
 *
 * @example
 * health.check([() => indicator.isHealthy('usage')]);
 *
 * @publicApi
 */
@Injectable()
export class UsageHealthIndicator {
  /** @internal */
  constructor(private readonly usage: UsageService) {}

  /**
   * Checks all storages.
   *
   * @param key Name of the indicator in the result.
   * @param options.maxAge Milliseconds that a record may wait for its storage before the storage
   * counts as down; default 60,000.
   *
   * @example
   * const { usage: found } = indicator.isHealthy('usage', { maxAge: 30_000 });
   */
  isHealthy<const Key extends string = 'usage'>(
    key: Key = 'usage' as Key,
    { maxAge = DEFAULT_MAX_AGE_MS }: { maxAge?: number } = {},
  ): UsageHealth<Key> {
    const shown = Object.entries(this.usage.stats().storages).map(([name, stats]) => {
      const { waiting, oldestWaiting, lastError } = stats;
      const isLate = oldestWaiting !== null && oldestWaiting > maxAge;
      const status = isLate ? ('down' as const) : ('up' as const);
      return [
        name,
        { status, waiting, oldestWaiting, lastError: lastError && kindOf(lastError) },
      ] as const;
    });
    const isDown = shown.some(([, { status }]) => status === 'down');
    return {
      [key]: { status: isDown ? 'down' : 'up', storages: Object.fromEntries(shown) },
    } as UsageHealth<Key>;
  }
}

function kindOf({ isOutage }: NonNullable<StorageStats['lastError']>): 'unavailable' | 'failed' {
  return isOutage ? 'unavailable' : 'failed';
}
