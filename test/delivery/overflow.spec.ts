import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

describe('a full queue', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('drops the oldest by default, counts each, and logs the beginning and the end', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'fail';
    const { delivery, logger } = startDelivery([storage], { maxPending: 1000, batchSize: 100 });
    const records = makeRecords(10_000);
    for (const record of records) delivery.record(record, null);
    expect(countsOf(delivery, storage)).toMatchObject({
      seen: 10_000,
      waiting: 1000,
      dropped: { overflow: 9000 },
    });
    expect(logger.errors).toHaveLength(1);
    storage.fault = () => 'none';
    await vi.advanceTimersByTimeAsync(120_000);
    expect(storage.size).toBe(1000);
    // The batch under way may be stored already and cannot be given up; the newest are there.
    expect(storage.order.slice(100)).toEqual(records.slice(-900).map(({ id }) => id));
    expect(
      logger.warnings.filter((line) => line.includes('dropped 9000 usage records')),
    ).toHaveLength(1);
  });

  it('drops the newest if told to', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], {
      maxPending: 50,
      batchSize: 100,
      overflow: 'drop-newest',
    });
    const records = makeRecords(80);
    for (const record of records) delivery.record(record, null);
    expect(await delivery.flush(1000)).toBe(true);
    expect(storage.order).toEqual(records.slice(0, 50).map(({ id }) => id));
    expect(countsOf(delivery, storage).dropped).toEqual({ overflow: 30 });
  });

  it('is bounded by bytes too, and never gives up others for a record that cannot fit', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { maxPendingBytes: 20_000 });
    for (const record of makeRecords(5)) delivery.record(record, null);
    const [huge] = makeRecords(1, { trackVar: { text: 'x'.repeat(20_000) } });
    if (huge) delivery.record(huge, null);
    expect(countsOf(delivery, storage)).toMatchObject({ waiting: 5, dropped: { overflow: 1 } });
    for (const record of makeRecords(100)) delivery.record(record, null);
    const { waiting } = countsOf(delivery, storage);
    expect(waiting).toBeGreaterThan(5);
    expect(waiting).toBeLessThan(40);
  });
});
