import { setImmediate as turn } from 'node:timers/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, describe, expect, it } from 'vitest';
import {
  drained,
  journalFolder,
  leave,
  segmentsIn,
  startJournaled,
  SwitchedStorage,
  textIn,
} from './journaled.js';

const folder = journalFolder();
afterAll(() => folder.remove());

const HERS = { field: 'username', value: 'ünë "erased"' } as const;
const traffic = () => makeRecords(40, (at) => ({ username: at % 2 === 0 ? HERS.value : 'other' }));

/** Whether any segment of a folder names her. */
const isNamed = (directory: string) =>
  textIn(directory).includes(Buffer.from(JSON.stringify(HERS.value)).toString('latin1'));

describe('When a subject is erased from the journal', () => {
  it('nothing of it is in the segments of the process, of others, and of the dead', async () => {
    const directory = folder.next();
    await leave(directory, traffic(), [new SwitchedStorage('elsewhere', 'x')]);
    const [own, other] = [new SwitchedStorage('own'), new SwitchedStorage('other')];
    // What holds a segment of stored records back.
    const [down, down2] = [new SwitchedStorage('down'), new SwitchedStorage('down2')];
    down.isDown = down2.isDown = true;
    const first = await startJournaled(directory, [own, down]);
    const second = await startJournaled(directory, [other, down2]);
    first.subjects.flush = second.subjects.flush = async () => true;
    for (const { delivery } of [first, second]) {
      for (const record of traffic()) delivery.record(record, null);
      for (const record of makeRecords(3)) delivery.record(record, null);
      await turn();
    }
    expect(isNamed(directory)).toBe(true);
    const before = textIn(directory).length;
    const { end } = await first.subjects.begin(HERS);
    await first.subjects.erase(HERS);
    // Requests go on, in both processes.
    for (const { delivery } of [first, second]) {
      for (const record of traffic()) delivery.record(record, null);
      await turn();
    }
    expect(isNamed(directory)).toBe(false);
    expect(textIn(directory).length).toBeGreaterThanOrEqual(before);
    expect(first.delivery.journalStats()!.memoryOnly).toBe(20);
    end();
    // What was not of the subject can be read.
    down.isDown = down2.isDown = false;
    for (const { delivery } of [first, second]) {
      await delivery.flush(30_000);
      await drained(delivery);
      await delivery.shutdown();
    }
    const elsewhere = new SwitchedStorage('elsewhere', 'x');
    const third = await startJournaled(directory, [elsewhere]);
    await third.delivery.flush(30_000);
    expect(elsewhere.records.map(({ username }) => username)).toEqual(Array(20).fill('other'));
    expect(third.delivery.journalStats()).toMatchObject({ unreadable: 0, segments: 0 });
    await third.delivery.shutdown();
  });

  it('processes write none that had nothing written before, or start meanwhile', async () => {
    const directory = folder.next();
    const [own, idle, late] = ['own', 'idle', 'late'].map((name) => new SwitchedStorage(name));
    const first = await startJournaled(directory, [own!]);
    const second = await startJournaled(directory, [idle!]);
    second.subjects.flush = async () => true;
    idle!.isDown = late!.isDown = true;
    const { end } = await first.subjects.begin(HERS);
    const third = await startJournaled(directory, [late!]);
    third.subjects.flush = async () => true;
    const record = async () => {
      for (const { delivery } of [second, third]) {
        for (const one of traffic()) delivery.record(one, null);
        await turn();
      }
    };
    await record();
    expect(second.delivery.journalStats()!.memoryOnly).toBe(20);
    await first.subjects.erase(HERS);
    await record();
    expect(isNamed(directory)).toBe(false);
    expect(third.delivery.journalStats()!.memoryOnly).toBe(20);
    end();
    idle!.isDown = late!.isDown = false;
    for (const { delivery } of [first, second, third]) {
      await delivery.flush(30_000);
      await delivery.shutdown();
    }
  });

  it('damaged lines that name it are overwritten too', async () => {
    const directory = folder.next();
    await leave(directory, traffic());
    const [path] = segmentsIn(directory);
    const bytes = readFileSync(path!);
    bytes[bytes.indexOf('"GET"') + 1] = 0x58;
    writeFileSync(path!, bytes.subarray(0, bytes.length - 30));
    const { delivery, subjects } = await startJournaled(folder.next(), [new SwitchedStorage()]);
    await delivery.shutdown();
    Object.assign(subjects, { directory });
    await subjects.erase(HERS);
    expect(isNamed(directory)).toBe(false);
  });

  it('it is refused while another process has records that wait', async () => {
    const directory = folder.next();
    const storage = new SwitchedStorage();
    storage.isDown = true;
    const waiting = await startJournaled(directory, [storage]);
    waiting.subjects.flush = async () => false;
    for (const record of traffic()) waiting.delivery.record(record, null);
    const { delivery, subjects } = await startJournaled(directory, [new SwitchedStorage()]);
    await expect(subjects.begin(HERS)).rejects.toThrow(/another process/);
    await delivery.shutdown();
    await waiting.delivery.shutdown();
  });
});
