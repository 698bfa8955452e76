import { randomBytes } from 'node:crypto';
import type { StorageOptions } from '../../storages/storage-options.js';
import type { UsageStorage, UsageStorageContext } from '../../storages/usage-storage.js';
import { summariesOf } from '../../summary/index.js';
import type { StorageSubject, TestTools } from './subject.js';

/** A storage that can all that ours can. */
export type FullStorage = Required<UsageStorage>;

export interface OpenOptions extends StorageOptions {
  timeZone?: string;
  /** Another storage of the test's place, instead of a new place. */
  place?: string;
}

export interface Opening {
  /** Opens a storage on an empty place, or on the one given; closed after the test. */
  (options?: OpenOptions): Promise<FullStorage>;
  /** A place that is taken away after the test. */
  place(): string;
}

/** What tells the storages of one test from those of others. */
export function opening({ afterEach }: TestTools, subject: StorageSubject): Opening {
  let opened: UsageStorage[] = [];
  let places = new Set<string>();

  afterEach(async () => {
    const [storages, used] = [opened, places];
    [opened, places] = [[], new Set()];
    for (const storage of storages) await storage.close?.();
    for (const place of used) await subject.remove?.(place);
  });

  const place = () => {
    const name = `t${randomBytes(6).toString('hex')}`;
    places.add(name);
    return name;
  };
  const open = async ({ place: given, timeZone = 'UTC', ...options }: OpenOptions = {}) => {
    const storage = await subject.create(given ?? place(), options);
    const context: UsageStorageContext = {
      logger: { log() {}, warn() {}, error() {} },
      summaries: summariesOf(options.hooks),
      timeZone,
      maxKeys: options.maxKeys ?? 10_000,
    };
    await storage.open?.(context);
    opened.push(storage);
    return storage as FullStorage;
  };
  return Object.assign(open, { place });
}
