import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HookRunner } from '../../lib/delivery/hook-runner.js';
import { QueuedRecord } from '../../lib/delivery/record-queue.js';
import { StorageChannel } from '../../lib/delivery/storage-channel.js';
import { DEFAULT_DELIVERY_OPTIONS } from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

describe('shutdown', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('stores all that waits, then closes the storage', async () => {
    const storage = new FaultyStorage();
    let sizeAtClose = -1;
    const closing = Object.assign(storage, {
      close: async () => void (sizeAtClose = storage.size),
    });
    const { delivery } = startDelivery([closing], { batchSize: 100 });
    for (const record of makeRecords(1234)) delivery.record(record, null);
    await delivery.shutdown();
    expect(sizeAtClose).toBe(1234);
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 1234, waiting: 0, dropped: {} });
  });

  it('gives up within shutdownTimeout what a dead storage does not take, and counts it', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'hang';
    const { delivery, logger } = startDelivery([storage], { shutdownTimeout: 2000 });
    for (const record of makeRecords(700)) delivery.record(record, null);
    const done = vi.fn();
    void delivery.shutdown().then(done);
    await vi.advanceTimersByTimeAsync(1999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledOnce();
    expect(countsOf(delivery, storage)).toMatchObject({ waiting: 0, dropped: { shutdown: 700 } });
    expect(logger.errors).toHaveLength(1);
    delivery.record(makeRecord(), null);
    expect(countsOf(delivery, storage).dropped).toEqual({ shutdown: 700, closed: 1 });
  });

  it('leaves no timer behind', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'fail';
    const { delivery } = startDelivery([storage], { shutdownTimeout: 100 });
    for (const record of makeRecords(3)) delivery.record(record, null);
    const closed = delivery.shutdown();
    await vi.advanceTimersByTimeAsync(100);
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts a batch once whose answer comes at the very moment of the close', async () => {
    let answer: () => void = () => undefined;
    const storage = {
      name: 'slow',
      store: () => new Promise<void>((resolve) => (answer = resolve)),
    };
    const { logger } = startDelivery([]);
    const channel = new StorageChannel(
      storage,
      DEFAULT_DELIVERY_OPTIONS,
      new HookRunner(storage, [], logger),
      logger,
      () => expect.unreachable('it was given up'),
    );
    channel.enqueue(new QueuedRecord(makeRecord(), 0, 1));
    channel.drain();
    answer();
    channel.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(channel.stats()).toMatchObject({
      seen: 1,
      stored: 0,
      waiting: 0,
      dropped: { shutdown: 1 },
    });
  });

  it('resolves a flush that waits to true, since what it waits for is given up', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'hang';
    const { delivery } = startDelivery([storage], { shutdownTimeout: 100 });
    delivery.record(makeRecord(), null);
    const flushed = delivery.flush(60_000);
    void delivery.shutdown();
    await vi.advanceTimersByTimeAsync(100);
    expect(await flushed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
