import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { LogSource } from '../../../lib/command/import/index.js';
import { RepeatCounter } from '../../../lib/command/import/identity/repeat-counter.js';
import { fileOf, importInto, importLines, openMemory } from './support/import-into-memory.js';

const at = (second: number, path: string) =>
  `192.0.2.7 - - [29/Nov/2026:12:00:${String(second).padStart(2, '0')} +0000] "GET ${path} HTTP/1.1" 200 5`;
const LINES = [
  at(1, '/a'),
  at(1, '/a'),
  at(2, '/a'),
  at(2, '/b'),
  at(2, '/b'),
  at(2, '/b'),
  at(3, '/a'),
];

describe('an import', () => {
  test('keeps equal lines apart, by ids of version 7 that begin with their date', async () => {
    const { records } = await importLines(LINES);

    expect(records).toHaveLength(7);
    for (const { id, date } of records) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(date.getTime());
    }
  });

  test.each([
    ['whole', (lines: string[]) => [lines]],
    ['in two files', (lines: string[]) => [lines.slice(0, 3), lines.slice(3)]],
    ['with its files in another order', (lines: string[]) => [lines.slice(3), lines.slice(0, 3)]],
    ['from its third line on', (lines: string[]) => [lines.slice(2)]],
    ['without its last lines', (lines: string[]) => [lines.slice(0, 4)]],
  ])('again, %s, changes nothing', async (_, parts) => {
    const storage = await openMemory();
    await importInto(new LogSource({ files: [fileOf(LINES)] }), {}, storage);
    const before = await storage.getUsage({});

    const files = parts(LINES).map((lines) => fileOf(lines));
    const { counts } = await importInto(new LogSource({ files }), {}, storage);

    expect(counts.rejected).toBe(0);
    expect(await storage.getUsage({})).toEqual(before);
  });

  test('that is cut off after any batch and begun again gives what a whole one gives', async () => {
    const whole = await importLines(LINES);
    const file = fileOf(LINES);
    for (let stores = 1; stores <= 3; stores++) {
      const storage = await openMemory();
      const stop = new AbortController();
      let left = stores;
      await importInto(
        new LogSource({ files: [file] }),
        {
          batchSize: 2,
          signal: stop.signal,
          onProgress: () => {
            if (--left === 0) stop.abort();
          },
        },
        storage,
      );
      await importInto(new LogSource({ files: [file] }), {}, storage);

      expect((await storage.getUsage({})).reverse()).toEqual(whole.records);
    }
  });

  test('whose storage fails for a while goes on, and ends where it fails for good', async () => {
    const storage = await openMemory();
    let failures = 2;
    const shaky = {
      store: async (records: Parameters<typeof storage.store>[0]) => {
        await storage.store(records);
        if (failures-- > 0) throw new Error('the answer was lost');
      },
    };
    const { importSource } = await import('../../../lib/command/import/index.js');
    const file = fileOf(LINES);
    const counts = await importSource(new LogSource({ files: [file] }), shaky);
    failures = Infinity;

    expect(counts.stored).toBe(7);
    expect(await storage.getUsage({})).toHaveLength(7);
    await expect(importSource(new LogSource({ files: [file] }), shaky)).rejects.toThrow(
      'the answer was lost',
    );
  });
});

describe('the counter of equal contents', () => {
  test('counts the same in any order of dates, and holds no more than it uses in memory', () => {
    const counter = new RepeatCounter();
    const hex = (number: number) => number.toString(16).padStart(8, '0');
    const hash = (number: number) => hex((number * 2_654_435_761) >>> 0) + hex(number);
    const hours = 12;
    const perHour = 40_000;
    const found = new Map<number, number>();
    for (let round = 0; round < 2; round++)
      for (let hour = 0; hour < hours; hour++)
        for (let number = 0; number < perHour; number++) {
          const count = counter.add(hour * 3_600_000, hash(number));
          found.set(count, (found.get(count) ?? 0) + 1);
        }
    const folders = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('nestjs-track-usage-import-')).length;
    const open = folders();
    counter.close();

    expect(found).toEqual(
      new Map([
        [0, hours * perHour],
        [1, hours * perHour],
      ]),
    );
    expect(folders()).toBe(open - 1);
  });
});
