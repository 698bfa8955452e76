import type { Subject } from 'rxjs';
import type { JournalStats, StorageStats } from '../delivery/index.js';
import type { GeoIpStats } from '../enrichment/index.js';
import type { UsageSummaryEvent } from '../events/usage-events.js';
import type { DeprecatedCallEvent } from '../events/deprecated-calls.js';
import type { UsageRecord } from '../record/index.js';
import type { PruneBounds, PruneResult } from '../storages/contract/maintenance.js';
import type { ServiceRoutes } from '../storages/base/routes/route-note.js';
import type { JournalEraser } from './forget-everywhere.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';

/**
 * The counts of delivery and of geography lookups.
 *
 * @publicApi
 */
export interface UsageStats {
  /** The counts of each storage, by its name. */
  readonly storages: Readonly<Record<string, StorageStats>>;
  /** The counts of geography lookups; absent without the option `geoIp`. */
  readonly geoIp?: GeoIpStats;
  /** The counts of the journal; absent without the option `journal`. */
  readonly journal?: JournalStats;
}

/**
 * The interface between `UsageService` and the module. Only the module implements it.
 */
export abstract class UsageSource {
  abstract readonly storages: readonly UsageStorage[];
  /** IANA name of the time zone of summaries and reports. */
  abstract readonly timeZone: string;
  /** The option `service`; null if there is none. */
  abstract readonly service: string | null;
  /** Whether the option `consumer` names the user of a request, as `byUser()` does. */
  abstract readonly namesUsers: boolean;
  /** The option `sampleRate`. */
  abstract readonly sampleRate: number;
  /** Erases subjects from the journal; null without it. */
  abstract readonly journal: JournalEraser | null;
  abstract readonly records: Subject<UsageRecord>;
  abstract readonly summaries: Subject<UsageSummaryEvent>;
  abstract readonly deprecated: Subject<DeprecatedCallEvent>;

  /** The name of this process's note among those of all that report; null if it writes none. */
  abstract processId(): string | null;

  /**
   * The routes of this process, once the storages have been told of them; null if they cannot be
   * listed.
   */
  abstract routes(): Promise<ServiceRoutes | null>;

  /** See `UsageService.flush`. */
  abstract flush(timeoutMs?: number): Promise<boolean>;

  /** Stores the requests captured so far. Does not wait for responses in progress. */
  abstract flushCaptured(): Promise<boolean>;

  /** See `UsageService.prune`. */
  abstract prune(before?: PruneBounds): Promise<PruneResult>;

  /** See `UsageService.stats`. */
  abstract stats(): UsageStats;
}
