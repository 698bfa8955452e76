import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

describe('records go out in batches', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends nothing before the interval is over, and all that waits when it is', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { flushInterval: 1000 });
    for (const record of makeRecords(3)) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(999);
    expect(storage.calls).toEqual([]);
    expect(countsOf(delivery, storage)).toMatchObject({ seen: 3, waiting: 3, oldestWaiting: 999 });
    await vi.advanceTimersByTimeAsync(1);
    expect(storage.calls).toEqual([3]);
    expect(countsOf(delivery, storage)).toMatchObject({
      stored: 3,
      waiting: 0,
      oldestWaiting: null,
    });
  });

  it('sends a full batch at once, and the rest when its time has come', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { batchSize: 4, flushInterval: 1000 });
    for (const record of makeRecords(10)) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(0);
    expect(storage.calls).toEqual([4, 4]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(storage.calls).toEqual([4, 4, 2]);
  });

  it('keeps one call under way at a time, in order', async () => {
    const stored: string[] = [];
    const answers: (() => void)[] = [];
    const storage = {
      name: 'slow',
      store(records: readonly { id: string }[]) {
        stored.push(...records.map(({ id }) => id));
        return new Promise<void>((resolve) => answers.push(resolve));
      },
    };
    const { delivery } = startDelivery([storage], { batchSize: 5 });
    const records = makeRecords(23);
    for (const record of records) delivery.record(record, null);
    const flushed = delivery.flush(10_000);
    for (let batch = 1; batch <= 5; batch++) {
      // However much waits: there is no other call until this one has been answered.
      await vi.advanceTimersByTimeAsync(1000);
      expect(answers).toHaveLength(batch);
      expect(stored).toHaveLength(Math.min(5 * batch, 23));
      answers[batch - 1]!();
    }
    expect(await flushed).toBe(true);
    expect(stored).toEqual(records.map(({ id }) => id));
  });

  it('gives a record only to the storages that it is meant for', async () => {
    const one = new FaultyStorage('one');
    const two = new FaultyStorage('two');
    const { delivery } = startDelivery([one, two]);
    const [everywhere, somewhere] = [makeRecord(), makeRecord()];
    delivery.record(everywhere, null);
    delivery.record(somewhere, ['two']);
    await delivery.flush(1000);
    expect([one.has(everywhere), one.has(somewhere)]).toEqual([true, false]);
    expect([two.has(everywhere), two.has(somewhere)]).toEqual([true, true]);
    expect(countsOf(delivery, one).seen).toBe(1);
    expect(countsOf(delivery, two).seen).toBe(2);
  });

  it('announces each record once, when the first of its storages has it', async () => {
    const slow = new FaultyStorage('slow');
    slow.fault = (call) => (call < 3 ? 'fail' : 'none');
    const quick = new FaultyStorage('quick');
    const { delivery, announced } = startDelivery([slow, quick], { flushInterval: 10 });
    const records = makeRecords(5);
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(10);
    expect(announced).toEqual(records);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(slow.size).toBe(5);
    expect(announced).toEqual(records);
  });

  it('flushes what was recorded before the call without waiting for the interval', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { flushInterval: 60_000 });
    for (const record of makeRecords(7)) delivery.record(record, null);
    expect(await delivery.flush(1000)).toBe(true);
    expect(storage.size).toBe(7);
  });

  it('resolves a flush to false when its time runs out first', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'hang';
    const { delivery } = startDelivery([storage]);
    delivery.record(makeRecord(), null);
    const flushed = delivery.flush(500);
    await vi.advanceTimersByTimeAsync(500);
    expect(await flushed).toBe(false);
  });
});
