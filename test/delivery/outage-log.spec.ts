import type { UsageStorage } from 'nestjs-track-usage';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { startDelivery } from './start-delivery.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A storage on a disk that is full: it fails three times, then takes a batch, and so on. */
function fullDisk() {
  let calls = 0;
  const storage: UsageStorage & { isFull: boolean } = {
    name: 'disk',
    isFull: true,
    async store() {
      if (this.isFull && calls++ % 4 < 3)
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    },
  };
  return storage;
}

it('An outage in which some records are taken is logged once, and its end once', async () => {
  const storage = fullDisk();
  const { delivery, logger } = startDelivery([storage], { flushInterval: 1, batchSize: 1 });
  for (let at = 0; at < 60; at++) delivery.record(makeRecord(), null);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(delivery.stats()['disk']!.stored).toBeGreaterThan(5);
  expect(logger.warnings).toHaveLength(1);
  expect(logger.warnings[0]).toContain('no space left');
  expect(logger.notes).toEqual([]);

  storage.isFull = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(delivery.stats()['disk']).toMatchObject({ stored: 60, waiting: 0 });
  expect(logger.notes).toEqual(["Storage 'disk' takes records again."]);

  storage.isFull = true;
  for (let at = 0; at < 8; at++) delivery.record(makeRecord(), null);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(logger.warnings).toHaveLength(2);
});

it('An outage that is over at the shutdown is said to be', async () => {
  const storage = fullDisk();
  const { delivery, logger } = startDelivery([storage], { flushInterval: 1, batchSize: 10 });
  delivery.record(makeRecord(), null);
  await vi.advanceTimersByTimeAsync(5000);
  expect(delivery.stats()['disk']!.stored).toBe(1);
  expect(logger.notes).toEqual([]);
  await delivery.shutdown();
  expect(logger.notes).toEqual(["Storage 'disk' takes records again."]);
  expect(vi.getTimerCount()).toBe(0);
});
