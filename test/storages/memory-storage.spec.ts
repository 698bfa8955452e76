import { MemoryStorage, sumStatuses } from 'nestjs-track-usage';
import { makeRecords, storageContract } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf } from '../support/storage-context.js';

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

  it('is not opened again in another time zone, unless its sums are to be cut anew', async () => {
    const storage = new MemoryStorage();
    const open = (timeZone: string, onTimeZoneChange?: 'rebuild') =>
      storage.open(contextOf([sumStatuses], { timeZone, onTimeZoneChange, maxKeys: 100 }));
    await open('UTC');
    const start = Date.UTC(2026, 0, 28, 3, 10);
    const hours = makeRecords(80, (hour) => ({ date: new Date(start + hour * 3_600_000) }));
    await storage.store(hours);
    await storage.prune({ records: hours[30]!.date });
    await expect(open('Asia/Kolkata')).rejects.toThrow(/'Asia\/Kolkata'.*'UTC'/);
    await open('Asia/Kolkata', 'rebuild');
    const sums = await storage.getSum('status');
    for (const period of ['hour', 'day', 'month'] as const)
      expect(sums[period].reduce((sum, { hits }) => sum + hits, 0)).toBe(80);
    expect(sums.day[0]!.date).toEqual(new Date('2026-01-30T18:30:00Z'));
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it.each([0, -1, 1.5, NaN, '5'])('refuses to keep at most %o records', (maxRecords) => {
    expect(() => new MemoryStorage({ maxRecords: maxRecords as number })).toThrow(/maxRecords/);
  });
});
