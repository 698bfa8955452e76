import type { StorageOptions } from '../../storages/storage-options.js';
import type { UsageStorage } from '../../storages/usage-storage.js';

/** What is used of a test runner; those of vitest, Jest and Node fit. */
export interface TestTools {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  readonly afterEach: (work: () => Promise<void>) => unknown;
}

/** A storage under test. */
export interface StorageSubject {
  /**
   * Makes a storage that is not open yet.
   *
   * @param place A word of letters and digits that names where the data is, such as a table:
   * storages of one place share their data, storages of different places do not.
   */
  create(place: string, options: StorageOptions): UsageStorage | Promise<UsageStorage>;
  /** Whether data outlives the object that stored it, and several objects can share a place. */
  readonly shared: boolean;
  /** Whether the storage keeps every key, whatever `maxKeys` says. */
  readonly uncapped?: boolean;
  /** Takes a place away. */
  remove?(place: string): Promise<void>;
}
