import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import type { UsageRecord } from '../../record/index.js';
import type {
  StorageOptions,
  UsageStorage,
  UsageStorageContext,
} from '../../storages/contract/usage-storage.js';
import { QueryReader } from '../../storages/base/query/query-reader.js';
import { summariesOf } from '../../summary/index.js';
import { bruteForce, unmeasured } from './brute-force.js';
import { has } from './features.js';
import type { StorageSubject, TestTools } from './subject.js';

/** The most records that one query returns. */
const PAGE = 10_000;

/** A storage that supports every feature. */
export type FullStorage = Required<UsageStorage>;

/** The methods that answer queries. */
export type Answers = Pick<FullStorage, 'getUsage' | 'countUsage' | 'streamUsage'>;

/** How queries are answered: by the storage, or by what it returns of dates and pages. */
export function answersOf(storage: FullStorage): Answers {
  return storage.appliesFilters && typeof storage.streamUsage === 'function'
    ? storage
    : new QueryReader(storage, async () => new Map());
}

/** Options of a storage that a test opens. */
export interface OpenOptions extends StorageOptions {
  timeZone?: string;
  onTimeZoneChange?: UsageStorageContext['onTimeZoneChange'];
  /** An existing place; default: a new one. */
  place?: string;
}

/** Opens storages for a test and inspects their data. */
export interface Opening {
  /** Opens a storage on a new place, or on the given one. Closes it after the test. */
  (options?: OpenOptions): Promise<FullStorage>;
  /** Names a new place, which is deleted after the test. */
  place(): string;
  /** All records at the place of a storage, sorted by id. */
  records(storage: UsageStorage): Promise<UsageRecord[]>;
  /** The expected sums of records, with the measures that the storage reports. */
  totals: typeof bruteForce;
}

/** Creates the functions that open the storages of each test on places of their own. */
export function opening({ afterEach }: TestTools, subject: StorageSubject): Opening {
  let opened: UsageStorage[] = [];
  let places = new Set<string>();
  const placeOf = new WeakMap<UsageStorage, string>();

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
  const open = async ({
    place: given,
    timeZone = 'UTC',
    onTimeZoneChange,
    ...options
  }: OpenOptions = {}) => {
    const here = given ?? place();
    const storage = await subject.create(here, options);
    placeOf.set(storage, here);
    const context: UsageStorageContext = {
      logger: { log() {}, warn() {}, error() {} },
      summaries: summariesOf(options.hooks),
      timeZone,
      onTimeZoneChange,
      maxKeys: options.maxKeys ?? 10_000,
    };
    await storage.open?.(context);
    opened.push(storage);
    return storage as FullStorage;
  };
  const records = async (storage: UsageStorage) => {
    const found = has(subject, 'reading')
      ? await everyRecord(storage)
      : await subject.read?.(placeOf.get(storage) ?? '');
    assert.ok(found, "a subject without 'reading' needs 'read(place)'");
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const totals: typeof bruteForce = (...question) =>
    subject.unmeasured ? unmeasured(bruteForce(...question)) : bruteForce(...question);
  return Object.assign(open, { place, records, totals });
}

async function everyRecord(storage: UsageStorage): Promise<UsageRecord[]> {
  const records: UsageRecord[] = [];
  for (let page = 1; ; page++) {
    const found = (await storage.getUsage?.({ limit: PAGE, page })) ?? [];
    records.push(...found);
    if (found.length < PAGE) return records;
  }
}
