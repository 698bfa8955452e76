import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UsageRecord } from 'nestjs-track-usage';
import { PartlyUnavailableError } from '../../lib/storages/contract/storage-errors.js';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage, type Fault } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

const MINUTE = 60_000;

describe('a storage that fails', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each<Fault>(['fail', 'cut', 'throw', 'reject-oddly', 'lose', 'hang'])(
    'has its records kept and sent again until it takes them (%s)',
    async (fault) => {
      const storage = new FaultyStorage();
      storage.fault = (call) => (call <= 4 ? fault : 'none');
      const { delivery } = startDelivery([storage], { flushInterval: 10, storeTimeout: 1000 });
      const records = makeRecords(20);
      for (const record of records) delivery.record(record, null);
      await vi.advanceTimersByTimeAsync(MINUTE);
      expect(storage.order).toEqual(records.map(({ id }) => id));
      const { stored, dropped, retried, lastError, lastSuccess } = countsOf(delivery, storage);
      expect({ stored, dropped }).toEqual({ stored: 20, dropped: {} });
      expect(retried).toBeGreaterThan(0);
      expect(lastError?.message).toBeTypeOf('string');
      expect(lastSuccess).toBeInstanceOf(Date);
    },
  );

  it('holds up no other record by one that cannot be stored for now, and does not give it up', async () => {
    const storage = new FaultyStorage();
    const records = makeRecords(1200);
    // The first two, one in the midst, and many at the end.
    const locked = new Set([...records.slice(0, 2), records[700]!, ...records.slice(1160)]);
    const store = storage.store.bind(storage);
    let isLocked = true;
    storage.store = async (part) => {
      if (isLocked && part.some((record) => locked.has(record)))
        throw new PartlyUnavailableError('the row is locked');
      return store(part);
    };
    const { delivery } = startDelivery([storage], { flushInterval: 10, batchSize: 200 });
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(countsOf(delivery, storage)).toMatchObject({
      stored: records.length - locked.size,
      waiting: locked.size,
      dropped: {},
    });
    // What comes later is not held up either.
    const late = makeRecords(20);
    for (const record of late) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(late.every((record) => storage.has(record))).toBe(true);
    isLocked = false;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 1220, waiting: 0, dropped: {} });
  });

  it('is asked less and less often while it is down, with one record at a time', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'cut';
    const { delivery, logger } = startDelivery([storage], { flushInterval: 10 });
    for (const record of makeRecords(2000)) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    // Half of 30 s lie between two calls on average.
    expect(storage.calls.length).toBeLessThan(150);
    expect(new Set(storage.calls.slice(3))).toEqual(new Set([1]));
    expect(logger.warnings).toHaveLength(1);
    storage.fault = () => 'none';
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(storage.size).toBe(2000);
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 2000, waiting: 0, dropped: {} });
    expect(logger.notes).toHaveLength(1);
  });

  it('touches no other storage', async () => {
    const dead = new FaultyStorage('dead');
    dead.fault = () => 'hang';
    const alive = new FaultyStorage('alive');
    const { delivery } = startDelivery([dead, alive], { flushInterval: 10 });
    for (const record of makeRecords(1000)) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(20);
    expect(alive.size).toBe(1000);
    expect(countsOf(delivery, dead)).toMatchObject({ stored: 0, waiting: 1000 });
  });

  it.each([0, 1, 317, 998])(
    'loses the one record that it refuses, at place %i of 1,000, and none of its neighbours',
    async (place) => {
      const buried: [UsageRecord, unknown][] = [];
      const storage = new FaultyStorage();
      const { delivery, logger } = startDelivery([storage], {
        flushInterval: 10,
        deadLetter: (record, error) => void buried.push([record, error]),
      });
      const records = makeRecords(1000);
      const poison = records[place];
      storage.refuses = (record) => record === poison;
      for (const record of records) delivery.record(record, null);
      await vi.advanceTimersByTimeAsync(5 * MINUTE);
      expect(storage.size).toBe(999);
      expect(countsOf(delivery, storage)).toMatchObject({
        stored: 999,
        waiting: 0,
        dropped: { refused: 1 },
      });
      expect(buried).toEqual([
        [poison, expect.objectContaining({ message: 'a value is out of range' })],
      ]);
      expect(logger.errors).toHaveLength(1);
      expect(logger.errors[0]).toContain('a value is out of range');
    },
  );

  it('gives up a refused record that came last only once a later one was stored', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { flushInterval: 10 });
    const poison = makeRecord();
    storage.refuses = (record) => record === poison;
    for (const record of [...makeRecords(9), poison]) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    // Nothing tells a record that is refused from a storage that has just gone down.
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 9, waiting: 1, dropped: {} });
    delivery.record(makeRecord(), null);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(countsOf(delivery, storage)).toMatchObject({
      stored: 10,
      waiting: 0,
      dropped: { refused: 1 },
    });
  });

  it('finds many refused records in one batch, side by side ones too', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { flushInterval: 10 });
    const records = makeRecords(300);
    const poison = new Set(
      [0, 1, 2, 3, 4, 5, 50, 51, 52, 53, 54, 55, 56, 200, 202, 204].map((at) => records[at]),
    );
    storage.refuses = (record) => poison.has(record);
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    expect(storage.size).toBe(300 - poison.size);
    expect(countsOf(delivery, storage)).toMatchObject({
      waiting: 0,
      dropped: { refused: poison.size },
    });
  });

  it('never loses a healthy record because the storage went down during a search', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { flushInterval: 10 });
    const records = makeRecords(200);
    const poison = records[150];
    storage.refuses = (record) => record === poison;
    // The search begins with call 4; the storage is down for the 30 calls after its first halves.
    storage.fault = (call) => (call > 8 && call < 39 ? 'fail' : 'none');
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(storage.size).toBe(199);
    expect(countsOf(delivery, storage)).toMatchObject({ dropped: { refused: 1 }, waiting: 0 });
  });

  it('survives a deadLetter function that throws', async () => {
    const storage = new FaultyStorage();
    const { delivery, logger } = startDelivery([storage], {
      flushInterval: 10,
      deadLetter: () => {
        throw new Error('no disk');
      },
    });
    const records = makeRecords(5);
    storage.refuses = (record) => record === records[2];
    for (const record of records) delivery.record(record, null);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 4, dropped: { refused: 1 } });
    expect(logger.errors.some((line) => line.includes('no disk'))).toBe(true);
  });
});
