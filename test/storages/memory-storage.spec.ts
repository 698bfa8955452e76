import { MemoryStorage } from '../../lib/storages/index.js';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRecords } from '../../lib/testing/make-record.js';
import { storageContract } from '../../lib/testing/contract/storage-contract.js';

storageContract({ describe, it, afterEach }, 'MemoryStorage', {
  shared: false,
  create: (_place, options) => new MemoryStorage(options),
});

describe('MemoryStorage', () => {
  it('keeps the newest records where it may not keep them all', async () => {
    const storage = new MemoryStorage({ maxRecords: 10 });
    const records = makeRecords(25);
    await storage.store(records.slice(10));
    await storage.store(records.slice(0, 10));
    expect(await storage.getUsage()).toEqual(records.slice(15).toReversed());
    expect(await storage.countUsage()).toBe(10);
  });

  it.each([0, -1, 1.5, NaN, '5'])('refuses to keep at most %o records', (maxRecords) => {
    expect(() => new MemoryStorage({ maxRecords: maxRecords as number })).toThrow(/maxRecords/);
  });
});
