import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { SqliteStorage, sumUrls, type SqliteStorageOptions } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../support/storage-context.js';
import { temporaryFolder } from './sql/places.js';

const built = vi.hoisted(() => ({ script: undefined as string | null | undefined }));
vi.mock('../../lib/storages/sql/threads/worker-script.js', async (original) => {
  const { workerScript } = await original<{ workerScript: string }>();
  return {
    get workerScript() {
      return built.script === undefined ? workerScript : built.script;
    },
  };
});

const folder = temporaryFolder();
afterAll(() => folder.remove());
beforeEach(() => {
  built.script = undefined;
});

const context = contextOf([sumUrls], { maxKeys: 100 });

let files = 0;
const newFile = () => join(folder.path, `folder-${++files}`, 'usage.sqlite');

async function opened<T extends SqliteStorage | SqlStorage>(storage: T) {
  const warnings: string[] = [];
  const logger = { ...context.logger, warn: (text: string) => warnings.push(text) };
  await storage.open({ ...context, logger });
  return { storage, warnings };
}

describe('SqliteStorage', () => {
  it.each<[unknown, RegExp]>([
    [{ database: undefined }, /database: expected the path.*got undefined.*environment variable/],
    [{ database: '' }, /database: expected the path.*but got ''/],
    [{ database: 5 }, /database: expected the path.*but got 5/],
    [{ url: 'postgres://h/d' }, /url.*belongs to SqlStorage of nestjs-track-usage\/sql/],
    [{ dataSource: {} }, /dataSource.*belongs to SqlStorage/],
    ['usage.sqlite', /expected options such as \{ database.*but got 'usage.sqlite'/],
    [null, /expected options/],
  ])('given %o: an error that says what is right', (options, message) => {
    const making = () => new SqliteStorage(options as SqliteStorageOptions);
    expect(making).toThrow(message);
    expect(making).toThrow(/^SqliteStorage: /);
    expect(making).toThrow(TypeError);
  });

  it('names itself where its file cannot be opened, and speaks of no server', async () => {
    const database = folder.path;
    const opening = new SqliteStorage({ database }).open(context);
    await expect(opening).rejects.toThrow(
      /^SqliteStorage: could not open the database .*may write to/,
    );
    await expect(opening).rejects.not.toThrow(/server|user/);
  });

  it('shares its file with SqlStorage', async () => {
    const database = newFile();
    const { storage: one } = await opened(new SqliteStorage({ database, hooks: [sumUrls] }));
    const { storage: other } = await opened(new SqlStorage({ database, hooks: [sumUrls] }));
    await one.store(makeRecords(3));
    await other.store(makeRecords(4));
    expect(await one.countUsage()).toBe(7);
    expect(await other.verifySummaries()).toEqual([]);
    await one.close();
    await other.close();
  });

  it.each([
    ['is missing', null, /sqlite is written in the event loop's thread.*script is missing/],
    ['fails', 'throw new RangeError("no threads here")', /event loop's thread.*no threads here/],
  ])('works without a thread whose script %s, and says so once', async (_, script, message) => {
    built.script = script;
    const { storage, warnings } = await opened(new SqliteStorage({ database: newFile() }));
    expect(warnings).toEqual([expect.stringMatching(message)]);
    await storage.store(makeRecords(3));
    await storage.store(makeRecords(3));
    expect(await storage.countUsage()).toBe(6);
    expect(warnings).toHaveLength(1);
    await storage.close();
  });

  it('says what keeps its thread from the file, in words', async () => {
    const database = newFile();
    const { storage } = await opened(new SqliteStorage({ database }));
    const threads: Worker[] = [];
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
      this: Worker,
      ...sent
    ) {
      threads.push(this);
      post.mockRestore();
      this.postMessage(...(sent as [unknown]));
    });
    await storage.store(makeRecords(1));
    await threads[0]!.terminate();
    rmSync(database);
    mkdirSync(database);
    await expect(storage.store(makeRecords(1))).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringMatching(/unable to open database file/),
      cause: { code: 'SQLITE_CANTOPEN' },
    });
    await storage.close();
  });

  it('speaks of the table alone where a table of its names is not its own', async () => {
    const database = newFile();
    mkdirSync(dirname(database));
    const foreign = new Database(database);
    foreign.exec('create table usage_records (id integer primary key, name text)');
    foreign.close();
    const warnings: string[] = [];
    const logger = { ...context.logger, warn: (text: string) => warnings.push(text) };
    const opening = new SqliteStorage({ database }).open({ ...context, logger });
    await expect(opening).rejects.toThrow(/usage_records/);
    expect(warnings).toEqual([]);
  });

  it('makes a new file with larger pages, and takes a file as it is', async () => {
    for (const pageBytes of [null, 4096]) {
      const database = newFile();
      mkdirSync(dirname(database));
      if (pageBytes !== null)
        new Database(database).exec('create table own (a); insert into own values (1)').close();
      const { storage } = await opened(new SqliteStorage({ database }));
      await storage.store(makeRecords(3));
      expect(await storage.countUsage()).toBe(3);
      await storage.close();
      const file = new Database(database);
      expect(file.pragma('page_size', { simple: true })).toBe(pageBytes ?? 16_384);
      file.close();
    }
  });

  it('says nothing where there is a thread', async () => {
    const { storage, warnings } = await opened(new SqliteStorage({ database: newFile() }));
    expect(warnings).toEqual([]);
    await storage.close();
  });
});

const LOSSES: [string, (file: string) => void][] = [
  ['deleted', (file) => rmSync(file)],
  [
    'deleted with its log',
    (file) => {
      for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    },
  ],
  ['moved', (file) => renameSync(file, `${file}.old`)],
];

const OWN_FILES: [string, (database: string) => SqliteStorage | SqlStorage][] = [
  ['SqliteStorage', (database) => new SqliteStorage({ database, hooks: [sumUrls] })],
  ['SqlStorage by database', (database) => new SqlStorage({ database, hooks: [sumUrls] })],
  [
    'SqlStorage by connection',
    (database) =>
      new SqlStorage({ connection: { type: 'better-sqlite3', database }, hooks: [sumUrls] }),
  ],
];

describe.each(LOSSES)('A file that was %s', (_, lose) => {
  it.each(OWN_FILES)('of %s is made anew, with the next batch in it, and told', async (_, make) => {
    const database = newFile();
    const { storage, warnings } = await opened(make(database));
    await storage.store(makeRecords(5));
    expect(await storage.countUsage()).toBe(5);
    lose(database);
    const records = makeRecords(3);
    await storage.store(records);
    await storage.store(makeRecords(4));
    expect(await storage.countUsage()).toBe(7);
    expect(await storage.verifySummaries()).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/was deleted, moved or replaced/)]);
    // What is asked first may be a question.
    lose(database);
    expect(await storage.countUsage()).toBe(0);
    await storage.store(records);
    await storage.close();
    const again = new Database(database, { readonly: true });
    expect(again.prepare('select count(*) as n from usage_records').get()).toEqual({ n: 3 });
    again.close();
  });

  it.each([true, false])(
    "of the application's keeps records waiting until it connects anew (WAL: %s)",
    async (enableWAL) => {
      const database = newFile();
      const dataSource = new DataSource({ type: 'better-sqlite3', database, enableWAL });
      await dataSource.initialize();
      const { storage } = await opened(new SqlStorage({ dataSource, hooks: [sumUrls] }));
      await storage.store(makeRecords(5));
      lose(database);
      const records = makeRecords(3);
      await expect(storage.store(records)).rejects.toMatchObject({
        name: 'StorageUnavailableError',
        message: expect.stringMatching(/destroyed and initialized again/),
      });
      await dataSource.destroy();
      await dataSource.initialize();
      await storage.store(records);
      expect(await storage.countUsage()).toBe(3);
      expect(await storage.verifySummaries()).toEqual([]);
      await storage.close();
      await dataSource.destroy();
    },
  );
});
