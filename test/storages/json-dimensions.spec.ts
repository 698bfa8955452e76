import {
  MemoryStorage,
  type JsonObject,
  type ReportQuery,
  type StorageOptions,
  type UsageStorage,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { reportDimension } from '../../lib/summary/index.js';
import { createStorage, databases, newPlace } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

const NOON = Date.UTC(2026, 5, 15, 12);

/** What may stand under one name, and what else an object may hold. */
const VARS: readonly (JsonObject | null)[] = [
  null,
  {},
  ...[
    'pro',
    '',
    'pro ',
    'Pro',
    'prö "quoted" \\ \n \u0001',
    '(none)',
    '(other)',
    '1',
    1,
    1.5,
    -0,
    1e21,
    5e-324,
    9_007_199_254_740_991,
    true,
    'true',
    false,
    null,
    [],
    ['pro'],
    [{ plan: 'pro' }],
    { plan: 'inner' },
    { plan: { plan: 'innermost' } },
    { plan: [1] },
    { plan: 7 },
    'x'.repeat(900),
  ].map((plan) => ({ plan })),
  { 'a.b': 'dotted', plan: 'beside a dot' },
  { 'a b': 'spaced' },
  { 'a"b': 'quoted', plan: 'beside a quote' },
  { größe: 'named' },
  { $plan: 'operator', plan: 'beside an operator' },
  { '0': 'a number' },
];

const NAMES = [
  'trackVar.plan',
  'trackVar.plan.plan',
  'trackVar.plan.0',
  'trackVar.a\\.b',
  'trackVar.a b',
  'trackVar.a"b',
  'trackVar.größe',
  'trackVar.$plan',
  'trackVar.0',
  'trackVar.missing',
];
/** Names that every database can look up. */
const PLAIN = ['trackVar.plan', 'trackVar.plan.plan', 'trackVar.missing', 'country'];

const RECORDS = VARS.flatMap((trackVar, index) =>
  [0, 1].map((again) =>
    makeRecord({
      date: new Date(NOON + index * 2 + again),
      trackVar,
      speed: 0.001 * index,
      ipInfo:
        index % 3 === 0
          ? null
          : {
              country: index % 3 === 1 ? null : `C${index % 4}`,
              region: null,
              city: null,
              latitude: null,
              longitude: null,
              raw: null,
            },
    }),
  ),
);

const RANGE = { startDate: new Date(NOON - 60_000), endDate: new Date(NOON + 60_000) };

const QUESTIONS: readonly ReportQuery[] = [
  ...[...NAMES, 'country'].map((name): ReportQuery => ({
    dimensions: [name],
    metrics: ['hits'],
    ...RANGE,
  })),
  {
    dimensions: ['country', 'trackVar.plan'],
    metrics: ['hits', 'p50'],
    interval: 'minute',
    ...RANGE,
  },
  {
    dimensions: ['trackVar.plan'],
    metrics: ['hits'],
    where: { 'trackVar.plan': ['1', 'pro'] },
    ...RANGE,
  },
];

async function opened(storage: UsageStorage): Promise<Required<UsageStorage>> {
  await storage.open?.(contextOf([]));
  await storage.store(RECORDS);
  return storage as Required<UsageStorage>;
}

function jsonContract(
  create: (place: string, options: StorageOptions) => UsageStorage,
  remove: (place: string) => Promise<void> = async () => {},
): void {
  it('are reported like a count of the records', { timeout: 60_000 }, async () => {
    const place = newPlace();
    const [storage, memory] = [await opened(create(place, {})), await opened(new MemoryStorage())];
    try {
      for (const query of QUESTIONS)
        expect(await storage.report(query)).toEqual(await memory.report(query));
      const { reader } = (storage as unknown as { use(): BaseStorageParts }).use();
      const filter = { start: null, end: new Date(NOON), where: [], signal: null };
      if (!reader.aggregate) return;
      for (const name of PLAIN) {
        const dimensions = [reportDimension(name)!];
        const query = {
          filter,
          dimensions,
          buckets: [],
          measures: new Set([]),
          withLatency: false,
        };
        expect(reader.aggregate(query), name).not.toBeNull();
      }
    } finally {
      await storage.close();
      await memory.close();
      await remove(place);
    }
  });
}

describe('Dimensions inside JSON', () => {
  describe('SQLite in this thread', () =>
    jsonContract((_, options) => new SqlStorage({ ...options, database: ':memory:' })));
  describeDatabases(databases, (database, url) =>
    jsonContract(
      (place, options) => createStorage(database.recipe(url, place), options),
      (place) => database.remove(url, place),
    ),
  );
});
