import { MemoryStorage, sumRoutes, type UsageRecord, type UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import {
  createStorage,
  mariadb,
  mongodb,
  newPlace,
  redis,
  sqlite,
  type Database,
} from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 1);
/** In the middle of an hour, a day and a month. */
const END = Date.UTC(2026, 2, 10, 8, 20);
const hooks = [sumRoutes];

const QUESTION = {
  dimensions: ['route'],
  metrics: ['hits', 'lastSeen'],
  startDate: new Date(START),
  endDate: new Date(END),
} as const;

const before = makeRecords(20, (index) => ({
  date: new Date(index === 19 ? END : START + index * 11 * HOUR),
  route: '/cats',
  method: 'GET',
}));
const [younger] = makeRecords(1, { date: new Date(END + 1), route: '/cats', method: 'GET' });

function openEndContract(open: () => Promise<Required<UsageStorage>>): void {
  async function openWith(records: readonly UsageRecord[]): Promise<Required<UsageStorage>> {
    const storage = await open();
    await storage.store(records);
    return storage;
  }

  const rows = [{ route: 'GET /cats', hits: 20, lastSeen: new Date(END) }];

  it('is answered by the sums of the bucket in which it ends, if no request is younger', async () => {
    const storage = await openWith(before);
    const report = await storage.report(QUESTION);
    expect(report).toMatchObject({ rows, source: 'summaries' });
    expect(report.range).toEqual({ startDate: new Date(START), endDate: new Date(END) });
    const days = await storage.report({ ...QUESTION, interval: 'day' });
    expect(days.source).toBe('summaries');
    expect(days.rows.at(-1)).toMatchObject({ date: new Date(Date.UTC(2026, 2, 10)), hits: 1 });
  });

  it('leaves out a younger request', async () => {
    const storage = await openWith([...before, younger!]);
    expect(await storage.report(QUESTION)).toMatchObject({ rows, source: 'both' });
  });

  it('leaves out a request that comes while the sums are read', async () => {
    const storage = await openWith(before);
    const { sums } = (storage as unknown as { use(): BaseStorageParts }).use();
    const scan = sums.scan.bind(sums);
    let hasCome = false;
    sums.scan = async function* (query) {
      if (!hasCome) {
        hasCome = true;
        await storage.store([younger!]);
      }
      yield* scan(query);
    };
    expect((await storage.report(QUESTION)).rows).toEqual(rows);
    expect(hasCome).toBe(true);
  });
}

describe('A range that ends within a bucket', () => {
  describe('in memory', () => {
    openEndContract(async () => {
      const storage = new MemoryStorage({ hooks }) as UsageStorage as Required<UsageStorage>;
      await storage.open(contextOf(hooks));
      return storage;
    });
  });

  describeDatabases([sqlite, mariadb, mongodb, redis], (database: Database, url: string) => {
    const place = newPlace();
    let opened: UsageStorage | null = null;

    afterEach(async () => {
      await opened?.close!();
      opened = null;
      await database.remove(url, place);
    });

    openEndContract(async () => {
      const storage = createStorage(database.recipe(url, place), { hooks });
      await storage.open!(contextOf(hooks));
      opened = storage;
      return storage as Required<UsageStorage>;
    });
  });
});
