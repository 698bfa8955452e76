import { describe, expect, it } from 'vitest';
import type { UsageRecord, UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

describe('hooks', () => {
  it('are called after the record is stored, once each, in order, with record and storage', async () => {
    const storage = new FaultyStorage();
    storage.fault = (call) => (call === 1 ? 'lose' : 'none');
    const calls: [string, UsageRecord, UsageStorage][] = [];
    const { delivery } = startDelivery([storage], {}, [
      (record, from) => {
        expect(storage.has(record)).toBe(true);
        calls.push(['first', record, from]);
      },
      (record, from) => void calls.push(['second', record, from]),
    ]);
    const records = makeRecords(3);
    for (const record of records) delivery.record(record, null);
    expect(await delivery.flush(10_000)).toBe(true);
    expect(calls).toEqual(
      records.flatMap((record) => [
        ['first', record, storage],
        ['second', record, storage],
      ]),
    );
  });

  it('that throw or reject are counted and logged once, and stop nothing', async () => {
    const storage = new FaultyStorage();
    const reached: string[] = [];
    const { delivery, logger } = startDelivery([storage], {}, [
      function thrower() {
        throw new Error('thrown');
      },
      async function rejecter() {
        throw new Error('rejected');
      },
      (record) => void reached.push(record.id),
    ]);
    const records = makeRecords(4);
    for (const record of records) delivery.record(record, null);
    expect(await delivery.flush(10_000)).toBe(true);
    expect(reached).toEqual(records.map(({ id }) => id));
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 4, hookFailures: 8 });
    expect(
      logger.errors.map((line) => line.includes('thrower') || line.includes('rejecter')),
    ).toEqual([true, true]);
  });

  it('that never finish hold up neither records nor shutdown', async () => {
    const storage = new FaultyStorage();
    const { delivery } = startDelivery([storage], { shutdownTimeout: 50, batchSize: 1 }, [
      () => new Promise<void>(() => undefined),
    ]);
    for (const record of makeRecords(4)) delivery.record(record, null);
    await delivery.shutdown();
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 4, waiting: 0, dropped: {} });
  });
});
