import { MemoryStorage, type UsageRecord, type UsageStorage } from 'nestjs-track-usage';
import { STORAGE_FEATURES, storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';

const EVERYTHING = Object.keys(STORAGE_FEATURES) as (keyof typeof STORAGE_FEATURES)[];

/** Storages of somebody else's that only give pages of dates. */
function onlyPages(change = (records: UsageRecord[]): UsageRecord[] => records): StorageSubject {
  const places = new Map<string, MemoryStorage>();
  return {
    shared: false,
    without: EVERYTHING,
    create(place): UsageStorage {
      const memory = new MemoryStorage();
      places.set(place, memory);
      return {
        name: 'pages',
        store: (records) => memory.store(records),
        async getUsage({ startDate, endDate, limit, page, ...others } = {}) {
          expect(others).toEqual({});
          const range = { ...(startDate && { startDate }), ...(endDate && { endDate }) };
          const found = await memory.getUsage({
            ...range,
            ...(limit !== undefined && { limit }),
            ...(page !== undefined && { page }),
          });
          return change(found);
        },
      };
    },
    read: (place) => places.get(place)!.getUsage({ limit: 10_000 }),
  };
}

storageContract({ describe, it, afterEach }, 'A storage that can only give pages', onlyPages());

describe('The contract of storages', () => {
  async function failures(subject: StorageSubject): Promise<string[]> {
    const tests: [string, () => Promise<void>][] = [];
    const closing: (() => Promise<void>)[] = [];
    const tools = {
      describe: (_: string, define: () => void) => define(),
      it: (name: string, test: () => Promise<void>) => tests.push([name, test]),
      afterEach: (work: () => Promise<void>) => closing.push(work),
    };
    storageContract(tools, 'a storage', subject);
    const failed: string[] = [];
    for (const [name, test] of tests) {
      if (!name.includes('whatever is asked')) continue;
      await test().catch(() => failed.push(name));
      for (const close of closing) await close();
    }
    return failed;
  }

  it('finds what reports miscount', async () => {
    expect(await failures(onlyPages())).toEqual([]);
    // One request less, in every page.
    expect(await failures(onlyPages((records) => records.slice(1)))).toHaveLength(3);
    const faster = (records: UsageRecord[]) =>
      records.map((record) => ({ ...record, speed: record.speed / 2 }));
    expect(await failures(onlyPages(faster))).not.toEqual([]);
  });
});
