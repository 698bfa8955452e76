import fc from 'fast-check';
import {
  MemoryStorage,
  SqliteStorage,
  type UsageQuery,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { createStorage, databases, newPlace } from '../faults/databases.js';
import { propertyRuns } from '../support/property-runs.js';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { filter, storedRecord } from './filter-model.js';

const RECORDS = 150;
const PAGE = 40;

const newestFirst = (a: UsageRecord, b: UsageRecord) =>
  b.date.getTime() - a.date.getTime() || (a.id < b.id ? 1 : -1);

type OrderBy = NonNullable<UsageQuery['orderBy']>;

const orderBy = fc.constantFrom<OrderBy[]>(
  { date: 'desc' },
  { date: 'asc' },
  { speed: 'desc' },
  { speed: 'asc' },
  { contentLength: 'desc' },
  { contentLength: 'asc' },
);

/** Of records that are the newest first. */
function inOrder(records: readonly UsageRecord[], order: OrderBy): UsageRecord[] {
  const [[field, direction]] = Object.entries(order) as [[keyof OrderBy, 'asc' | 'desc']];
  if (field === 'date') return direction === 'desc' ? [...records] : records.toReversed();
  const sign = direction === 'desc' ? -1 : 1;
  // Sorting is stable: the newest of equals stays the first.
  return records.toSorted((a, b) => sign * (a[field] - b[field]));
}

const flags = fc.record({
  isBounded: fc.boolean(),
  isPlaced: fc.boolean(),
  isRecord: fc.boolean(),
});

const placeOf = ({ date, id }: UsageRecord) => ({ date, id });

const idsOf = (records: readonly UsageRecord[]) => records.map(({ id }) => id);

async function holds(storage: UsageStorage, runs: number): Promise<void> {
  await storage.open?.(contextOf([], { maxKeys: 100 }));
  try {
    const records = fc.sample(storedRecord, RECORDS);
    await storage.store(records);
    const sorted = [...records].sort(newestFirst);
    await fc.assert(
      fc.asyncProperty(filter, flags, orderBy, async ({ where, test }, flags, order) => {
        const { isBounded, isPlaced, isRecord } = flags;
        const [startDate, endDate] = [sorted.at(-20)!.date, sorted[20]!.date];
        const range = isBounded ? { startDate, endDate } : {};
        const expected = sorted
          .filter(({ date }) => !isBounded || (date >= startDate && date <= endDate))
          .filter(test);
        const query = { ...range, where };
        expect(await storage.countUsage!(query)).toBe(expected.length);
        const streamed: string[] = [];
        for await (const { id } of storage.streamUsage!(query)) streamed.push(id);
        expect(streamed).toEqual(idsOf(expected));
        const ordered = inOrder(expected, order);
        const last = ordered[PAGE - 1];
        const place = isPlaced && last ? { after: isRecord ? last : placeOf(last) } : { page: 2 };
        for (const [page, from] of [
          [{ page: 1 }, 0],
          [place, PAGE],
        ] as const) {
          if (ordered.length < from) break;
          const found = await storage.getUsage!({ ...query, ...page, orderBy: order, limit: PAGE });
          expect(idsOf(found)).toEqual(idsOf(ordered.slice(from, from + PAGE)));
        }
      }),
      { numRuns: propertyRuns(runs) },
    );
  } finally {
    await storage.close?.();
  }
}

describe('A random filter of random records finds what a brute force finds', () => {
  it('in memory', () => holds(new MemoryStorage(), 2000));

  it('on SQLite in this thread', () => holds(new SqliteStorage({ database: ':memory:' }), 1000));

  for (const database of databases) {
    const { name, server } = database;
    const on = (url: string) =>
      it(`on ${name}`, { timeout: 300_000 }, async () => {
        const place = newPlace();
        try {
          // CouchDB reads all records of the range for most filters.
          await holds(
            createStorage(database.recipe(url, place), {}),
            name === 'CouchDB' ? 25 : 200,
          );
        } finally {
          await database.remove(url, place);
        }
      });
    if (server) describeWithServer(server, 'on a server', on);
    else on('');
  }
});
