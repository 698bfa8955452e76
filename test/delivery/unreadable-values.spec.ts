import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';
import { THROWN } from './thrown-values.js';

describe.each(THROWN)('a failure with $name', ({ make }) => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('of a store is like any other failure', async () => {
    const storage = new FaultyStorage();
    let calls = 0;
    const failing = {
      name: storage.name,
      async store(batch: Parameters<typeof storage.store>[0]) {
        if (++calls <= 8) throw make();
        await storage.store(batch);
      },
    };
    const { delivery } = startDelivery([failing], { flushInterval: 10 });
    const records = makeRecords(20);
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(storage.size).toBe(20);
    const { stored, lastError } = countsOf(delivery, storage);
    expect(stored).toBe(20);
    expect(lastError?.message).toMatch(/./);
  });

  it('of a hook, a dead letter function or a logger stops nothing', async () => {
    const storage = new FaultyStorage();
    const poison = makeRecord();
    storage.refuses = (record) => record === poison;
    const fail = () => {
      throw make();
    };
    const reject = async () => fail();
    storage.options = { hooks: [fail, reject], deadLetter: () => reject() as unknown as void };
    const { delivery, logger } = startDelivery([storage], { flushInterval: 10 });
    Object.assign(logger, { error: fail, warn: fail, log: fail });
    for (const record of [...makeRecords(5), poison, ...makeRecords(5)])
      delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(countsOf(delivery, storage)).toMatchObject({
      stored: 10,
      waiting: 0,
      hookFailures: 20,
      dropped: { refused: 1 },
    });
  });
});
