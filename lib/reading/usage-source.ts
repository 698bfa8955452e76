import type { Subject } from 'rxjs';
import type { StorageStats } from '../delivery/index.js';
import type { GeoIpStats } from '../enrichment/index.js';
import type { UsageSummaryEvent } from '../events/usage-events.js';
import type { UsageRecord } from '../record/index.js';
import type { PruneBounds, PruneResult } from '../storages/contract/prune.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';

/**
 * The counts of delivery.
 *
 * @publicApi
 */
export interface UsageStats {
  /** By the storage's name. */
  readonly storages: Readonly<Record<string, StorageStats>>;
  /** Absent without the option `geoIp`. */
  readonly geoIp?: GeoIpStats;
}

/**
 * What `UsageService` reads from and gives its orders to. The module provides it, and is the token's
 * only implementation.
 */
export abstract class UsageSource {
  abstract readonly storages: readonly UsageStorage[];
  abstract readonly records: Subject<UsageRecord>;
  abstract readonly summaries: Subject<UsageSummaryEvent>;

  /** As `UsageService.flush`. */
  abstract flush(timeoutMs?: number): Promise<boolean>;

  /** Stores what has been captured so far. Does not wait for responses that are still under way. */
  abstract flushCaptured(): Promise<boolean>;

  /** As `UsageService.prune`. */
  abstract prune(before?: PruneBounds): Promise<PruneResult>;

  /** As `UsageService.stats`. */
  abstract stats(): UsageStats;
}
