import {
  appendFileSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
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

/** What a process finds that starts after another has left records. */
async function sentAfter(directory: string, storages = [new SwitchedStorage()]) {
  const started = await startJournaled(directory, storages);
  await started.delivery.flush(30_000);
  return started;
}

describe('Records that a process has left in the journal', () => {
  it('are sent by the next one, equal, in order, once, with hooks and events', async () => {
    const directory = folder.next();
    const records = makeRecords(1500);
    await leave(directory, records);
    const [segment] = segmentsIn(directory);
    expect(statSync(segment!).mode & 0o777).toBe(0o600);
    const storage = new SwitchedStorage();
    const { delivery, announced } = await sentAfter(directory, [storage]);
    expect(storage.records).toEqual(records);
    expect(ids(storage.hooked)).toEqual(ids(records));
    expect(ids(announced)).toEqual(ids(records));
    expect(countsOf(delivery, storage)).toMatchObject({ seen: 1500, stored: 1500, waiting: 0 });
    expect(delivery.journalStats()).toMatchObject({
      bytes: 0,
      segments: 0,
      replayed: 1500,
      unreadable: 0,
      memoryOnly: 0,
    });
    expect(segmentsIn(directory)).toEqual([]);
    await delivery.shutdown();
  });

  it('come before what is recorded meanwhile', async () => {
    const directory = folder.next();
    const [old, fresh] = [makeRecords(3000), makeRecords(1000)];
    await leave(directory, old);
    const storage = new SwitchedStorage();
    const { delivery } = await startJournaled(directory, [storage]);
    for (const record of fresh) delivery.record(record, null);
    await delivery.flush(30_000);
    expect(storage.ids).toEqual(ids([...old, ...fresh]));
    await drained(delivery);
    await delivery.shutdown();
  });

  it('go only to the storage of the same name in the same place, whichever others there are', async () => {
    const directory = folder.next();
    const records = makeRecords(50);
    await leave(directory, records, [
      new SwitchedStorage('kept', 'server a'),
      new SwitchedStorage('moved', 'server a'),
      new SwitchedStorage('gone', 'server a'),
    ]);
    const [kept, moved, added] = [
      new SwitchedStorage('kept', 'server a'),
      new SwitchedStorage('moved', 'server b'),
      new SwitchedStorage('added', 'server a'),
    ];
    const first = await sentAfter(directory, [added, moved, kept]);
    expect(kept.ids).toEqual(ids(records));
    expect(moved.ids).toEqual([]);
    expect(added.ids).toEqual([]);
    await first.delivery.shutdown();
    expect(segmentsIn(directory)).toHaveLength(1);
    // Nobody is in the way of those that come back.
    const [back, gone] = [
      new SwitchedStorage('moved', 'server a'),
      new SwitchedStorage('gone', 'server a'),
    ];
    const again = new SwitchedStorage('kept', 'server a');
    const second = await sentAfter(directory, [again, back, gone]);
    expect([back.ids, gone.ids]).toEqual([ids(records), ids(records)]);
    expect(again.ids).toEqual([]);
    expect(second.announced).toEqual([]);
    expect(segmentsIn(directory)).toEqual([]);
    await second.delivery.shutdown();
  });

  it('are left alone if no storage of theirs is there, and the log says so', async () => {
    const directory = folder.next();
    await leave(directory, makeRecords(5), [new SwitchedStorage('other', 'server a')]);
    const { delivery, logger } = await sentAfter(directory);
    await delivery.shutdown();
    expect(segmentsIn(directory)).toHaveLength(1);
    expect(logger.warnings).toEqual([expect.stringContaining("'other' (server a)")]);
  });

  it('are taken by one of two processes that start at once', async () => {
    const directory = folder.next();
    const records = makeRecords(2000);
    await leave(directory, records);
    const storages = [new SwitchedStorage(), new SwitchedStorage()] as const;
    const started = await Promise.all(storages.map((storage) => sentAfter(directory, [storage])));
    for (const { delivery } of started) await drained(delivery);
    expect(ids([...storages[0].records, ...storages[1].records])).toEqual(ids(records));
    for (const { delivery } of started) await delivery.shutdown();
  });

  it('are not taken from a process that lives', async () => {
    const directory = folder.next();
    const [first, second] = [new SwitchedStorage(), new SwitchedStorage()];
    first.isDown = true;
    const living = await startJournaled(directory, [first], { shutdownTimeout: 10_000 });
    const records = makeRecords(20);
    for (const record of records) living.delivery.record(record, null);
    const { delivery } = await sentAfter(directory, [second]);
    expect(second.ids).toEqual([]);
    await delivery.shutdown();
    first.isDown = false;
    await living.delivery.shutdown();
    expect(first.ids).toEqual(ids(records));
  });
});

describe('Of a process that dies while another one lives', () => {
  it('the records are taken within half a minute', async () => {
    const directory = folder.next();
    const [first, second] = [new SwitchedStorage(), new SwitchedStorage()];
    first.isDown = true;
    const dying = await startJournaled(directory, [first], { storeTimeout: 1000 });
    const records = makeRecords(20);
    for (const record of records) dying.delivery.record(record, null);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const { delivery } = await startJournaled(directory, [second], { storeTimeout: 1000 });
    const [lookAgain] = timers.mock.calls.filter(([, ms]) => ms === 30_000);
    timers.mockRestore();
    // What stays behind is what a killed one leaves: segments of an owner whose lock is gone.
    await dying.delivery.shutdown();
    expect(second.ids).toEqual([]);
    lookAgain![0]();
    await vi.waitFor(() => expect(second.ids).toEqual(ids(records)), { timeout: 20_000 });
    await drained(delivery);
    expect(delivery.journalStats()).toMatchObject({ replayed: 20, segments: 0 });
    await delivery.shutdown();
  });

  it('the lock is deleted, but none that may just be made, nor one of a living process', async () => {
    const directory = folder.next();
    const living = await startJournaled(directory, [new SwitchedStorage()]);
    const [own] = readdirSync(directory).filter((name) => name.endsWith('.lock'));
    const [dead, young] = ['d', '0'].map((digit) => own!.replace(/-\w+/, `-${digit.repeat(16)}`));
    for (const name of [dead!, young!]) writeFileSync(join(directory, name), '');
    const old = new Date(Date.now() - 120_000);
    for (const name of [dead!, own!]) utimesSync(join(directory, name), old, old);
    const { delivery } = await startJournaled(directory, [new SwitchedStorage()]);
    const locks = readdirSync(directory);
    expect(locks).toHaveLength(3);
    expect(locks).toEqual(expect.arrayContaining([own, young]));
    for (const name of locks.filter((name) => name !== young))
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    await delivery.shutdown();
    await living.delivery.shutdown();
  });
});

/** Leaves 100 records, does something to the segment, and starts again. */
async function sentAfterHarm(harm: (bytes: Buffer) => Buffer) {
  const directory = folder.next();
  const records = makeRecords(100);
  await leave(directory, records);
  const [path] = segmentsIn(directory);
  writeFileSync(path!, harm(readFileSync(path!)));
  const storage = new SwitchedStorage();
  const started = await sentAfter(directory, [storage]);
  await started.delivery.shutdown();
  return { ...started, storage, records, directory };
}

/** Where the line with a text begins. */
function lineWith(bytes: Buffer, text: string): number {
  return bytes.lastIndexOf('\n', bytes.indexOf(text)) + 1;
}

describe('A damaged segment', () => {
  it('that ends within a line costs that record, counted and said', async () => {
    const { storage, records, delivery, logger } = await sentAfterHarm((bytes) =>
      bytes.subarray(0, lineWith(bytes, ' r99 ') + 40),
    );
    expect(storage.ids).toEqual(ids(records.slice(0, 99)));
    expect(delivery.journalStats()).toMatchObject({ unreadable: 1, replayed: 99 });
    expect(logger.errors).toEqual([expect.stringMatching(/1 of its usage records cannot be read/)]);
  });

  it('costs the records that the damage lies on, and no others', async () => {
    const { storage, records, delivery, directory } = await sentAfterHarm((bytes) => {
      bytes[lineWith(bytes, ' r10 ') + 60]! ^= 1;
      // A line break: two records are one line.
      bytes[lineWith(bytes, ' r31 ') - 1] = 0x20;
      bytes[lineWith(bytes, ' r50 ') + 90] = 0x0a;
      return bytes;
    });
    const lost = new Set([10, 30, 31, 50]);
    expect(storage.ids).toEqual(ids(records.filter((_, at) => !lost.has(at))));
    expect(delivery.journalStats()).toMatchObject({ unreadable: 4, replayed: 96 });
    expect(segmentsIn(directory)).toEqual([]);
  });

  it.each([
    ['its first line', (bytes: Buffer) => bytes.fill(0x2e, 0, 20)],
    ['its header', (bytes: Buffer) => bytes.fill(0x2e, 40, 60)],
    ['both', (bytes: Buffer) => bytes.fill(0x2e, 0, 60)],
  ])('costs nothing if the damage lies on %s', async (_, harm) => {
    const { storage, records, delivery } = await sentAfterHarm(harm);
    expect(storage.ids).toEqual(ids(records));
    expect(delivery.journalStats()).toMatchObject({ unreadable: 0 });
  });

  it('that a dead machine has filled with zeros is read up to them', async () => {
    const { storage, records } = await sentAfterHarm((bytes) =>
      Buffer.concat([bytes, Buffer.alloc(4096)]),
    );
    expect(storage.ids).toEqual(ids(records));
  });

  it('with nothing in it is deleted', async () => {
    const { storage, directory, logger } = await sentAfterHarm(() => Buffer.alloc(0));
    expect(storage.ids).toEqual([]);
    expect(segmentsIn(directory)).toEqual([]);
    expect(logger.warnings).toEqual([]);
  });
});

describe('A file that this version cannot read', () => {
  it('of a newer version stays as it is, and the log says so', async () => {
    let before = Buffer.alloc(0);
    const { storage, directory, logger } = await sentAfterHarm((bytes) => {
      before = Buffer.from(
        bytes.toString('latin1').replace('journal 1\n', 'journal 2\n'),
        'latin1',
      );
      return before;
    });
    expect(storage.ids).toEqual([]);
    expect(logger.warnings).toEqual([expect.stringContaining('newer version')]);
    expect(readFileSync(segmentsIn(directory)[0]!)).toEqual(before);
  });

  it('of somebody else stays as it is', async () => {
    const directory = folder.next();
    await leave(directory, makeRecords(3));
    const [path] = segmentsIn(directory);
    const foreign = ['notes.txt', 'x.journal', path!.replace(/.*[/\\]/, '').replace(/^\d/, '2')];
    for (const name of foreign) writeFileSync(join(directory, name), 'something else\n');
    appendFileSync(join(directory, 'notes.txt'), 'and more\n');
    const storage = new SwitchedStorage();
    const { delivery, logger } = await sentAfter(directory, [storage]);
    await delivery.shutdown();
    expect(storage.ids).toHaveLength(3);
    for (const name of foreign)
      expect(readFileSync(join(directory, name), 'utf8')).toMatch(/^something else\n/);
    expect(logger.warnings).toEqual([expect.stringContaining('cannot be read as a segment')]);
  });
});
