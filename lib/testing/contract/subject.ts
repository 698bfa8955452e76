import type { UsageRecord } from '../../record/index.js';
import type { StorageOptions, UsageStorage } from '../../storages/contract/usage-storage.js';
import type { StorageFeature } from './features.js';

/**
 * What is used of a test runner; those of vitest, Jest and Node fit.
 *
 * @publicApi
 */
export interface TestTools {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  readonly afterEach: (work: () => Promise<void>) => unknown;
}

/**
 * A storage under test.
 *
 * @publicApi
 */
export interface StorageSubject {
  /**
   * Makes a storage that is not open yet.
   *
   * @param place A word of letters and digits that names where the data is, such as a table:
   * storages of one place share their data, storages of different places do not.
   * @param options What the storage was given: its hooks, among others.
   */
  create(place: string, options: StorageOptions): UsageStorage | Promise<UsageStorage>;
  /** Whether data outlives the object that stored it, and several objects can share a place. */
  readonly shared: boolean;
  /**
   * What the storage does not do. All else is asked of it, and that it does nothing of this.
   * @default nothing: it does all that the contract knows
   */
  readonly without?: readonly StorageFeature[];
  /** All records of a place, in any order. Needed without `reading`. */
  read?(place: string): Promise<UsageRecord[]>;
  /**
   * Whether the storage keeps every key, whatever `maxKeys` says.
   * @default false
   */
  readonly uncapped?: boolean;
  /**
   * Whether the storage does not remember in which time zone its sums are cut.
   * @default false: a changed `timeZone` is refused, or the sums are made anew
   */
  readonly ignoresZoneChange?: boolean;
  /**
   * Whether sums do not tell `refused`, `aborted`, `firstSeen` and `lastSeen`, which are null.
   * @default false
   */
  readonly unmeasured?: boolean;
  /** Takes a place away. */
  remove?(place: string): Promise<void>;
}
