import type { EnrichmentOptions } from '../../enrichment/index.js';
import type { DeclaredRoutes } from '../../enrichment/privacy/route-shapes.js';
import type { UsageRecord } from '../../record/index.js';
import type { RejectedItem } from './source-item.js';

/** How a source is imported. */
export interface ImportOptions {
  /** The application's options: redaction, masking, geography, `anonymize`, `excludeBots`. */
  readonly enrichment?: EnrichmentOptions | undefined;
  /** The application's routes, whose secret parameters are redacted. */
  readonly routes?: DeclaredRoutes | undefined;
  /** The first instant that is imported. */
  readonly startDate?: Date | undefined;
  /** The last one. */
  readonly endDate?: Date | undefined;
  /**
   * Records of one call of `store`.
   * @default 1000
   */
  readonly batchSize?: number | undefined;
  /** Ends the import after what has been read so far. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each thing that cannot be read. */
  readonly onRejected?: ((item: RejectedItem) => void) | undefined;
  /** Told of the counts after each batch. */
  readonly onProgress?: ((counts: ImportCounts) => void) | undefined;
}

/** Where records are imported to. */
export interface ImportTarget {
  store(records: readonly UsageRecord[]): Promise<void>;
}

/** What an import has done. `read = stored + excluded + outside + rejected`, plus what waits. */
export interface ImportCounts {
  /** Lines, rows or documents that were read, without comments and empty lines. */
  read: number;
  /** Records that the storage has now, whether it had them before or not. */
  stored: number;
  /** Left out by `excludeBots` or `anonymize`. */
  excluded: number;
  /** Before the first or after the last instant that is imported. */
  outside: number;
  /** Not to be read. */
  rejected: number;
}
