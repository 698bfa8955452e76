import type { RouteReview, RouteReviewQuery } from '../reading/routes/route-review.js';
import type { UsageRecord } from '../record/index.js';
import type { StorageStats } from '../storages/contract/storage-stats.js';
import type { UsageFilter, UsageQuery } from '../storages/contract/usage-query.js';
import type { ReportQuery, UsageReport } from '../storages/contract/usage-report.js';

/** The state of the tracking in one process. */
export interface ProcessState {
  /** The host that it runs on. */
  readonly server: string;
  /** Its id on that host. */
  readonly pid: number;
  /** When it told its state. */
  readonly date: Date;
  /** The counts of each storage, by its name. */
  readonly storages: Readonly<Record<string, StorageStats>>;
}

/** Where the page's figures come from: an application, or a storage alone. */
export interface DashboardSource {
  /** Name of the storage that is read. */
  readonly storage: string;
  /** IANA name of the zone of dates and buckets. */
  readonly timeZone: string;
  /** The application's own name, where several share the database; null if it has none. */
  readonly service: string | null;
  /** Names of the summaries that the storage keeps. */
  readonly summaries: readonly string[];
  /** Whether the consumer of a request is its user by name, as with `byUser()`. */
  readonly namesUsers: boolean;
  /** Whether only a share of the requests is recorded, so that counts are estimates. */
  readonly isSampled: boolean;
  /** The path of a tracked route that anybody can call, as an example; null if there is none. */
  exampleRoute?(): Promise<string | null>;
  report(query: ReportQuery): Promise<UsageReport>;
  getUsage(query: UsageQuery): Promise<UsageRecord[]>;
  streamUsage(filter: UsageFilter): AsyncIterable<UsageRecord>;
  /** Which routes can be deleted, and who still calls them. */
  reviewRoutes(query: RouteReviewQuery): Promise<RouteReview>;
  /** The state of the tracking; empty if nobody tracks. */
  processes(): Promise<readonly ProcessState[]>;
}
