import { statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { amount } from '../../support/amounts.js';
import { countsOf } from '../start-delivery.js';
import {
  drained,
  journalFolder,
  leave,
  segmentsIn,
  startJournaled,
  SwitchedStorage,
} from './journaled.js';

const folder = journalFolder();
afterAll(() => folder.remove());

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id);
const MEBIBYTE = 1024 * 1024;
const TIMEOUT_MS = 120_000;

describe('Before a batch is sent, or records are read from the disk', () => {
  it('requests that were answered are written', async () => {
    const directory = folder.next();
    await leave(directory, makeRecords(3));
    const storage = new SwitchedStorage();
    const { delivery, journal } = await startJournaled(directory, [storage]);
    const log: string[] = [];
    journal.writeWaiting = () => log.push(`written: ${storage.ids.length} stored`);
    await delivery.flush(30_000);
    expect(storage.ids).toHaveLength(3);
    // Once before they were decoded, once before they were sent.
    expect(log).toEqual(['written: 0 stored', 'written: 0 stored']);
    await delivery.shutdown();
  });
});

describe('While a storage is down', () => {
  it(
    'what memory has no room for stays on disk, and is sent in order when it is back',
    async () => {
      const directory = folder.next();
      const [up, down] = [new SwitchedStorage('up'), new SwitchedStorage('down')];
      down.isDown = true;
      const { delivery, announced } = await startJournaled(directory, [up, down]);
      const count = amount({ few: 30_000, many: 50_000 });
      const sent: string[] = [];
      for (let at = 0; at < count; at++) {
        const record = makeRecord();
        sent.push(record.id);
        delivery.record(record, null);
        if (at % 100 === 99) await turn();
      }
      await vi.waitFor(() => expect(up.records).toHaveLength(count), { timeout: TIMEOUT_MS });
      expect(countsOf(delivery, down)).toMatchObject({ seen: count, waiting: count, dropped: {} });
      expect(delivery.journalStats()).toMatchObject({ memoryOnly: 0, unreadable: 0 });
      expect(delivery.journalStats()!.segments).toBeGreaterThan(0);
      down.isDown = false;
      expect(await delivery.flush(TIMEOUT_MS)).toBe(true);
      expect(down.ids).toEqual(sent);
      expect(up.ids).toEqual(sent);
      expect(announced).toHaveLength(count);
      expect(ids(down.hooked)).toEqual(sent);
      await drained(delivery);
      expect(segmentsIn(directory)).toEqual([]);
      await delivery.shutdown();
    },
    TIMEOUT_MS,
  );

  it.each(['drop-oldest', 'drop-newest'] as const)(
    'no more than maxBytes are kept, and overflow says what becomes of the rest (%s)',
    async (overflow) => {
      const directory = folder.next();
      const storage = new SwitchedStorage();
      storage.isDown = true;
      const { delivery } = await startJournaled(directory, [storage], {
        overflow,
        maxBytes: MEBIBYTE,
        maxPending: 500,
      });
      const records = makeRecords(8000);
      for (const [at, record] of records.entries()) {
        delivery.record(record, null);
        if (at % 50 === 49) await turn();
      }
      await turn();
      const bytes = segmentsIn(directory).reduce((sum, path) => sum + statSync(path).size, 0);
      expect(bytes).toBeLessThanOrEqual(MEBIBYTE);
      expect(bytes).toBeGreaterThan(MEBIBYTE * 0.8);
      expect(delivery.journalStats()!.bytes).toBe(bytes);
      const { waiting, dropped } = countsOf(delivery, storage);
      expect(dropped).toEqual({ overflow: 8000 - waiting });
      storage.isDown = false;
      await delivery.flush(30_000);
      expect(storage.records).toHaveLength(waiting);
      const kept = new Set(storage.ids);
      const inOrder = ids(records).filter((id) => kept.has(id));
      expect(storage.ids).toEqual(inOrder);
      const isNewest = overflow === 'drop-oldest';
      const certain = isNewest ? records.slice(-2000) : records.slice(0, 2000);
      expect(certain.filter(({ id }) => !kept.has(id))).toEqual([]);
      await drained(delivery);
      await delivery.shutdown();
    },
  );

  it('the other storages get theirs, and only those that are meant', async () => {
    const directory = folder.next();
    const [first, second] = [new SwitchedStorage('first'), new SwitchedStorage('second')];
    first.isDown = second.isDown = true;
    const started = await startJournaled(directory, [first, second]);
    const records = makeRecords(90);
    for (const [at, record] of records.entries())
      started.delivery.record(record, [null, ['first'], ['second']][at % 3]!);
    await started.delivery.shutdown();
    const again = [new SwitchedStorage('first'), new SwitchedStorage('second')] as const;
    const { delivery, announced } = await startJournaled(directory, again);
    await delivery.flush(30_000);
    expect(again[0].ids).toEqual(ids(records.filter((_, at) => at % 3 !== 2)));
    expect(again[1].ids).toEqual(ids(records.filter((_, at) => at % 3 !== 1)));
    expect(announced).toHaveLength(90);
    expect(delivery.journalStats()).toMatchObject({ replayed: 90, segments: 0 });
    await delivery.shutdown();
  });
});
