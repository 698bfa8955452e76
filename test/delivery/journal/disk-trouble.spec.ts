import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { UsageRecord } from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../../lib/delivery/index.js';
import { countsOf } from '../start-delivery.js';
import {
  drained,
  journalFolder,
  segmentsIn,
  startJournaled,
  SwitchedStorage,
} from './journaled.js';

const folder = journalFolder();
afterAll(() => folder.remove());

/** Takes more than one retry, which the timer of the journal makes. */
const PATIENCE_MS = 25_000;

/** A file system of its own with so much room; null where this process may mount none. */
function mounted(path: string, size: string): { resize(to: string): void; unmount(): void } | null {
  mkdirSync(path, { recursive: true });
  const mount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' });
  try {
    mount(`size=${size}`);
  } catch {
    return null;
  }
  return {
    resize: (to) => mount(`remount,size=${to}`),
    unmount: () => execFileSync('umount', ['-l', path]),
  };
}

const probe = mounted(folder.next(), '64k');
probe?.unmount();

async function recordAll(delivery: Delivery, records: readonly UsageRecord[]): Promise<void> {
  for (const [at, record] of records.entries()) {
    delivery.record(record, null);
    if (at % 50 === 49) await turn();
  }
  await turn();
}

/** Records one after the other until the journal takes one. */
async function writtenAgain(delivery: Delivery): Promise<UsageRecord[]> {
  const more: UsageRecord[] = [];
  await vi.waitFor(
    async () => {
      const { memoryOnly } = delivery.journalStats()!;
      const record = makeRecord();
      more.push(record);
      delivery.record(record, null);
      await turn();
      expect(delivery.journalStats()!.memoryOnly).toBe(memoryOnly);
    },
    { timeout: PATIENCE_MS, interval: 100 },
  );
  return more;
}

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id).sort();

describe.skipIf(probe === null)('On a full disk (skipped: this process may not mount one)', () => {
  it('records go on in memory alone, and are written again when there is room', async () => {
    const directory = folder.next();
    const disk = mounted(directory, '128k')!;
    try {
      const storage = new SwitchedStorage();
      storage.isDown = true;
      const { delivery, logger } = await startJournaled(directory, [storage]);
      const records = makeRecords(1000);
      await recordAll(delivery, records);
      const { memoryOnly, bytes } = delivery.journalStats()!;
      expect(memoryOnly).toBeGreaterThan(500);
      expect(memoryOnly).toBeLessThan(1000);
      expect(bytes).toBe(segmentsIn(directory).reduce((sum, path) => sum + statSync(path).size, 0));
      expect(countsOf(delivery, storage)).toMatchObject({ waiting: 1000, dropped: {} });
      expect(logger.errors).toEqual([expect.stringMatching(/cannot be written.*ENOSPC/)]);
      disk.resize('8m');
      records.push(...(await writtenAgain(delivery)));
      storage.isDown = false;
      await delivery.flush(PATIENCE_MS);
      expect(ids(storage.records)).toEqual(ids(records));
      await drained(delivery);
      expect(delivery.journalStats()).toMatchObject({ memoryOnly: 0, unreadable: 0 });
      await delivery.shutdown();
    } finally {
      disk.unmount();
    }
  });

  it('what was written before is left whole for the next process', async () => {
    const directory = folder.next();
    const disk = mounted(directory, '128k')!;
    try {
      const storage = new SwitchedStorage();
      storage.isDown = true;
      const { delivery } = await startJournaled(directory, [storage]);
      const records = makeRecords(1000);
      await recordAll(delivery, records);
      const written = 1000 - delivery.journalStats()!.memoryOnly;
      await delivery.shutdown();
      const { waiting, dropped } = countsOf(delivery, storage);
      expect({ waiting, dropped }).toEqual({
        waiting: written,
        dropped: { shutdown: 1000 - written },
      });
      const next = new SwitchedStorage();
      const again = await startJournaled(directory, [next]);
      await again.delivery.flush(PATIENCE_MS);
      expect(ids(next.records)).toEqual(ids(records.slice(0, written)));
      expect(again.delivery.journalStats()).toMatchObject({ unreadable: 0, segments: 0 });
      await again.delivery.shutdown();
    } finally {
      disk.unmount();
    }
  });
});

describe('A folder', () => {
  it('that is deleted is made anew, and nothing that waits is lost', async () => {
    const directory = folder.next();
    const storage = new SwitchedStorage();
    storage.isDown = true;
    const { delivery, logger } = await startJournaled(directory, [storage]);
    const records = makeRecords(25_000);
    await recordAll(delivery, records);
    rmSync(directory, { recursive: true });
    await vi.waitFor(() => expect(delivery.journalStats()!.memoryOnly).toBe(25_000), {
      timeout: PATIENCE_MS,
    });
    records.push(...(await writtenAgain(delivery)));
    expect(segmentsIn(directory).length).toBeGreaterThan(0);
    expect(logger.errors).toEqual([expect.stringContaining('is gone')]);
    storage.isDown = false;
    await delivery.flush(PATIENCE_MS);
    expect(storage.records).toHaveLength(records.length);
    expect(ids(storage.records)).toEqual(ids(records));
    await drained(delivery);
    await delivery.shutdown();
  });

  it('that cannot be made stops no start, and is used once it can', async () => {
    const directory = `${folder.next()}/below`;
    writeFileSync(dirname(directory), 'in the way');
    const storage = new SwitchedStorage();
    const { delivery, logger } = await startJournaled(directory, [storage]);
    const records = makeRecords(10);
    await recordAll(delivery, records);
    expect(logger.errors).toEqual([expect.stringContaining('cannot be written')]);
    rmSync(dirname(directory));
    records.push(...(await writtenAgain(delivery)));
    await delivery.flush(PATIENCE_MS);
    expect(ids(storage.records)).toEqual(ids(records));
    await drained(delivery);
    await delivery.shutdown();
    expect(existsSync(directory)).toBe(true);
  });

  it('whose files are damaged while they wait costs what the damage lies on, counted', async () => {
    const directory = folder.next();
    const storage = new SwitchedStorage();
    storage.isDown = true;
    const { delivery } = await startJournaled(directory, [storage]);
    await recordAll(delivery, makeRecords(22_000));
    const path = segmentsIn(directory).at(-1)!;
    const bytes = readFileSync(path);
    bytes[bytes.lastIndexOf('"GET"')]! ^= 1;
    writeFileSync(path, bytes);
    storage.isDown = false;
    await delivery.flush(PATIENCE_MS);
    expect(countsOf(delivery, storage)).toMatchObject({
      seen: 22_000,
      stored: 21_999,
      dropped: { unreadable: 1 },
    });
    await drained(delivery);
    await delivery.shutdown();
  });
});
