import { type CaptureOptions, CAPTURE_OPTIONS } from '../capture/capture-options.js';
import type { EnrichmentOptions } from '../enrichment/index.js';
import {
  type RetentionOptions,
  checkRetention,
  RETENTION_OPTIONS,
} from '../retention/retention-options.js';
import {
  checkJournal,
  JOURNAL_OPTIONS,
  type JournalOptions,
} from '../delivery/journal/journal-options.js';
import { type DeliveryOptions, DELIVERY_OPTIONS } from '../storages/contract/delivery-options.js';
import type { UsageStorage, OnTimeZoneChange } from '../storages/contract/usage-storage.js';
import { ENRICHMENT_OPTIONS } from '../enrichment/enrichment-options.js';
import { checkStorages } from './check-storages.js';
import {
  isOneOf,
  isCount,
  isBoolean,
  type OptionTable,
  checkOptions,
} from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';
import { checkedTimeZone } from '../summary/time-zone.js';

/**
 * The options of `TrackUsageModule.forRoot()`.
 *
 * @publicApi
 */
export interface TrackUsageModuleOptions
  extends CaptureOptions, EnrichmentOptions, DeliveryOptions {
  /**
   * Storages and writers that receive the records, each with its own name. `UsageService` reads
   * from the first one that supports reading. Without this option, records go to a `SqliteStorage`
   * on the file `track-usage.sqlite`, with `sumBasic`, `sumRoutes`, `sumStatuses`, `sumConsumers`,
   * `sumClients` and `sumBy('consumer', 'route')`.
   * @default the embedded SQLite
   */
  storages?: readonly UsageStorage[];
  /**
   * IANA name of the time zone of the summaries' hours, days and months.
   * @default 'UTC'
   */
  timeZone?: string;
  /**
   * What to do with stored sums whose time zone differs from `timeZone`. `'refuse'` stops the start
   * of the application. `'rebuild'` recomputes the sums from the records before the application
   * starts. Sums whose records are pruned stay unchanged.
   * @default 'refuse'
   */
  onTimeZoneChange?: OnTimeZoneChange;
  /**
   * The most distinct keys in a bucket of a summary, `(other)` included. Further keys count under
   * `(other)`.
   * @default 10_000
   */
  maxKeys?: number;
  /**
   * How long records and summaries are kept: `{ records: '90d', hour: '60d', day: '2y' }`. Older
   * ones are deleted in small batches, off the request's path, one minute after the start and then
   * every hour.
   * @default forever
   */
  retention?: RetentionOptions;
  /**
   * Keeps records in files until every storage has them, so that neither a killed process nor a long
   * outage of a storage loses any. True: with the defaults of `JournalOptions`.
   * @default false
   */
  journal?: boolean | JournalOptions;
  /**
   * Whether events are also sent through `@nestjs/event-emitter`, as `track-usage.record`,
   * `track-usage.summary` and `track-usage.deprecated`.
   * @default false
   */
  events?: boolean;
}

/**
 * Creates the options for `forRootAsync({ useClass })` and `forRootAsync({ useExisting })`.
 *
 * @example
 * \@Injectable()
 * export class UsageOptions implements TrackUsageOptionsFactory {
 *   createTrackUsageOptions() {
 *     return { mode: 'include' as const, release: process.env.npm_package_version };
 *   }
 * }
 *
 * @publicApi
 */
export interface TrackUsageOptionsFactory {
  /** Called once, before the storages are opened. */
  createTrackUsageOptions(): TrackUsageModuleOptions | Promise<TrackUsageModuleOptions>;
}

/** Every option of the module with its check, default and unit. The docstrings must match. */
export const TRACK_USAGE_OPTIONS = {
  ...CAPTURE_OPTIONS,
  ...ENRICHMENT_OPTIONS,
  storages: { check: checkStorages, defaultText: 'the embedded SQLite' },
  timeZone: { check: isTimeZone, default: 'UTC' },
  onTimeZoneChange: { check: isOneOf('refuse', 'rebuild'), default: 'refuse' },
  maxKeys: { check: isCount, default: 10_000, unit: 'keys' },
  retention: { check: checkRetention, defaultText: 'forever', options: RETENTION_OPTIONS },
  journal: { check: checkJournal, default: false, options: JOURNAL_OPTIONS },
  events: { check: isBoolean, default: false },
  ...DELIVERY_OPTIONS,
} as const satisfies OptionTable<TrackUsageModuleOptions>;

/**
 * Checks the options of `forRoot()`.
 *
 * @throws {TrackUsageOptionsError} if an option does not fit. Names the first one.
 */
export function checkModuleOptions(options: unknown): TrackUsageModuleOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TrackUsageOptionsError('(all)', options, 'an object of options');
  checkOptions(options, TRACK_USAGE_OPTIONS);
  const { include = [], exclude = [], cookie, visitors } = options as TrackUsageModuleOptions;
  if (cookie && visitors)
    throw new TrackUsageOptionsError(
      'visitors',
      visitors,
      'none beside the option cookie: a record has one visitorId',
    );
  const both = include.find((controller) => exclude.includes(controller));
  if (both)
    throw new TrackUsageOptionsError('exclude', both, 'controllers that include does not name');
  return options;
}

function isTimeZone(option: string, value: unknown): void {
  try {
    checkedTimeZone(value);
  } catch (cause) {
    throw new TrackUsageOptionsError(option, value, "an IANA time zone such as 'UTC'", { cause });
  }
}
