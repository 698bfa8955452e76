import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, SqliteStorage, sumRoutes, TrackUsageModule } from 'nestjs-track-usage';
import { afterAll, describe, expect, it } from 'vitest';
import { onPlatforms, type TestApp } from '../support/applications.js';

const folder = mkdtempSync(join(tmpdir(), 'track-usage-journaled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const newFolder = () => join(folder, String(count++));

const filesIn = (directory: string) =>
  readdirSync(directory).filter((name) => name.endsWith('.journal'));

function textIn(directory: string): string {
  const texts = filesIn(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
  return texts.join('');
}

/** A storage that is down until it is told otherwise. */
function switched(name: string) {
  const stored: unknown[] = [];
  const storage = {
    name,
    isDown: true,
    store: async (records: readonly unknown[]) => {
      if (storage.isDown) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
      stored.push(...records);
    },
  };
  return { storage, stored };
}

const ask = (app: TestApp, paths: number) =>
  Promise.all(Array.from({ length: paths }, (_, at) => app.fetch(`/cats/${at}`)));

onPlatforms('With a journal, on $name', (start) => {
  it('records are in the files of its folder until they are stored, redacted like there', async () => {
    const directory = newFolder();
    const { storage, stored } = switched('down');
    const app = await start({ track: { storages: [storage], journal: { directory } } });
    await app.fetch('/cats/1?token=verySecretValue&page=2');
    await app.usage.flush({ timeout: 1 });
    expect(textIn(directory)).toContain('page=2');
    expect(textIn(directory)).not.toContain('verySecretValue');
    const { journal, storages } = app.usage.stats();
    expect(journal).toMatchObject({ segments: 1, memoryOnly: 0, replayed: 0, unreadable: 0 });
    expect(storages['down']).toMatchObject({ seen: 1, waiting: 1, stored: 0 });
    storage.isDown = false;
    expect(await app.usage.flush()).toBe(true);
    expect(stored).toHaveLength(1);
    expect(app.usage.stats().journal).toMatchObject({ segments: 0, bytes: 0 });
    expect(filesIn(directory)).toEqual([]);
  });

  it('a shutdown leaves there what it cannot store, and the next start tells and sends it', async () => {
    const directory = newFolder();
    const dropped: unknown[] = [];
    const options = {
      journal: { directory },
      shutdownTimeout: 50,
      deadLetter: (record: unknown) => void dropped.push(record),
    };
    const down = switched('db');
    const app = await start({ track: { storages: [down.storage], ...options } });
    await ask(app, 20);
    await app.usage.flush({ timeout: 1 });
    await app.close();
    expect(dropped).toEqual([]);
    expect(app.usage.stats().storages['db']).toMatchObject({ seen: 20, waiting: 20, dropped: {} });
    const up = switched('db');
    up.storage.isDown = false;
    const next = await start({ track: { storages: [up.storage], ...options } });
    expect(await next.usage.flush({ timeout: 20_000 })).toBe(true);
    expect(up.stored).toHaveLength(20);
    const { journal, storages } = next.usage.stats();
    expect(journal).toMatchObject({ replayed: 20, segments: 0 });
    expect(storages['db']).toMatchObject({ seen: 20, stored: 20, waiting: 0 });
  });

  it('whom forget() has forgotten is in no segment, whatever requests go on', async () => {
    const directory = newFolder();
    const held = switched('held');
    held.storage.isDown = false;
    const memory = new MemoryStorage({ hooks: [sumRoutes] });
    const options = { journal: { directory }, username: () => 'erika-mustermann', batchSize: 5 };
    const app = await start({ track: { storages: [memory, held.storage], ...options } });
    const other = await start({
      track: {
        storages: [new MemoryStorage()],
        journal: { directory },
        username: options.username,
      },
    });
    let isOver = false;
    const load = (async () => {
      while (!isOver) await Promise.all([ask(app, 3), ask(other, 3)]);
    })();
    for (let round = 0; round < 10; round++) {
      await ask(app, 5);
      await app.usage.forget({ username: 'erika-mustermann' });
      expect(textIn(directory)).not.toContain('erika-mustermann');
    }
    isOver = true;
    await load;
    expect(await app.usage.flush()).toBe(true);
    expect(app.usage.stats().journal).toMatchObject({ memoryOnly: 0, unreadable: 0 });
  });
});

describe('The folder of the journal', () => {
  it("is beside the embedded SQLite's file", async () => {
    const { Test } = await import('@nestjs/testing');
    const data = newFolder();
    const storages = [new SqliteStorage({ database: join(data, 'usage.sqlite') })];
    const module = TrackUsageModule.forRoot({ storages, journal: true });
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    await app.init();
    expect(existsSync(join(data, '.track-usage'))).toBe(true);
    await app.close();
    expect(readdirSync(join(data, '.track-usage'))).toEqual([]);
  });

  it.each([
    [{ journal: 'yes' }, /journal.*true, false or an object.*'yes'/],
    [{ journal: { directory: '' } }, /journal\.directory/],
    [{ journal: { maxBytes: 1000 } }, /journal\.maxBytes.*1048576.*1000/],
    [{ journal: { sync: 'often' } }, /journal\.sync.*'often'/],
    [{ journal: { size: 1 } }, /journal\.size.*directory, sync, maxBytes/],
  ])('is refused with an error if %j is wrong', async (given, message) => {
    const { Test } = await import('@nestjs/testing');
    const imports = [TrackUsageModule.forRoot(given as never)];
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow(message);
  });
});
