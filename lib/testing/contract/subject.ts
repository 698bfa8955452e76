import type { UsageRecord } from '../../record/index.js';
import type { StorageOptions, UsageStorage } from '../../storages/contract/usage-storage.js';
import type { StorageFeature } from './features.js';

/**
 * The functions of a test runner that the contract uses. Those of vitest, Jest and Node fit.
 *
 * @publicApi
 */
export interface TestTools {
  /** Groups tests. */
  readonly describe: (name: string, define: () => void) => unknown;
  /** Defines a test. */
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  /** Defines what follows each test. */
  readonly afterEach: (work: () => Promise<void>) => unknown;
}

/**
 * A storage under test.
 *
 * @publicApi
 */
export interface StorageSubject {
  /**
   * Creates a storage that is not open yet.
   *
   * @param place A word of letters and digits that names where the data is, such as a table.
   * Storages of one place share their data; storages of different places do not.
   * @param options The options of the storage, such as its hooks.
   */
  create(place: string, options: StorageOptions): UsageStorage | Promise<UsageStorage>;
  /** Whether data outlives the storage object, and several objects can share a place. */
  readonly shared: boolean;
  /**
   * Features that the storage does not support. The contract requires all others, and requires that
   * the storage does not offer these in full.
   * @default none: the storage supports every feature of the contract
   */
  readonly without?: readonly StorageFeature[];
  /** Returns all records of a place, in any order. Required for a storage without `reading`. */
  read?(place: string): Promise<UsageRecord[]>;
  /**
   * Whether the storage keeps every key and ignores `maxKeys`.
   * @default false
   */
  readonly uncapped?: boolean;
  /**
   * Whether the storage does not store the time zone of its sums.
   * @default false: a changed `timeZone` is rejected, or the sums are rebuilt
   */
  readonly ignoresZoneChange?: boolean;
  /**
   * Whether sums report `refused`, `aborted`, `firstSeen` and `lastSeen` as null.
   * @default false
   */
  readonly unmeasured?: boolean;
  /** Deletes a place and its data. */
  remove?(place: string): Promise<void>;
}
