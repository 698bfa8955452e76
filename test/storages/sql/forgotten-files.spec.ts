import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { sumUrls, sumVisitors } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const NAME = 'Ada Lovelace';
const VISITOR = '01997f2e-adad-7ada-8ada-adadadadadad';
const SALT = 'k3Jm0Gd1v9Qb7Xw5Ty2LpR';
let files = 0;

async function opened(options: SqlStorageOptions) {
  const hooks = [sumUrls, sumVisitors];
  const warnings: string[] = [];
  const storage = new SqlStorage({ ...options, hooks });
  await storage.open(
    contextOf(hooks, {
      logger: { ...SILENT_LOGGER, warn: (message: string) => void warnings.push(message) },
      maxKeys: 5000,
    }),
  );
  closing.push(() => storage.close());
  return { storage, warnings };
}

/** Among many others, of different lengths, so that pages are split and rows move. */
async function fill(storage: SqlStorage): Promise<void> {
  for (let batch = 0; batch < 12; batch++)
    await storage.store(
      makeRecords(300, (at) => ({
        date: new Date(Date.UTC(2026, 0, 1, batch, (at * 7) % 60)),
        url: `http://shop.example/cats/${at}?${'x'.repeat((at * 13) % 90)}`,
        username: at % 6 === 0 ? NAME : `user-${(at * 31) % 97}`,
        visitorId: at % 6 === 0 ? VISITOR : null,
      })),
    );
}

const traces = (file: string, text: string) =>
  ['', '-wal', '-journal']
    .map((suffix) => file + suffix)
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + readFileSync(path, 'latin1').split(text).length - 1, 0);

async function forgetsWithoutTrace(file: string, options: SqlStorageOptions): Promise<void> {
  const { storage, warnings } = await opened(options);
  await fill(storage);
  expect(await storage.dailySalt('2026-01-01', SALT)).toBe(SALT);
  expect(await storage.forget({ username: NAME })).toBe(600);
  await storage.forget({ visitorId: VISITOR });
  await storage.forgetDailySalts('2026-01-02');
  expect(traces(file, NAME)).toBe(0);
  expect(traces(file, VISITOR)).toBe(0);
  expect(traces(file, SALT)).toBe(0);
  expect(warnings).toEqual([]);
  expect(await storage.verifySummaries()).toEqual([]);
}

describe('What is forgotten is in no file of SQLite any more', () => {
  it('on a file of the storage', async () => {
    const file = join(folder.path, `${++files}.sqlite`);
    await forgetsWithoutTrace(file, { database: file });
  });

  it.each([true, false])("on the application's connection, with WAL: %s", async (enableWAL) => {
    const database = join(folder.path, `${++files}.sqlite`);
    const dataSource = new DataSource({ type: 'better-sqlite3', database, enableWAL });
    await dataSource.initialize();
    closing.push(() => dataSource.destroy());
    await forgetsWithoutTrace(database, { dataSource });
    // The application's own deletions are as it has them.
    expect(await dataSource.query('pragma secure_delete')).toEqual([{ secure_delete: 0 }]);
  });

  it('in a file that was written without that care', async () => {
    const file = join(folder.path, `${++files}.sqlite`);
    const dataSource = new DataSource({ type: 'better-sqlite3', database: file, enableWAL: true });
    await dataSource.initialize();
    const careless = await opened({ dataSource });
    await fill(careless.storage);
    await careless.storage.close();
    // As versions before have deleted: the rows are gone, their bytes are not.
    await dataSource.query(`delete from usage_records where id in
      (select id from usage_records where username = '${NAME}' limit 300)`);
    await dataSource.destroy();
    expect(traces(file, NAME)).toBeGreaterThan(300);

    const { storage } = await opened({ database: file });
    await storage.forget({ username: NAME });
    expect(traces(file, NAME)).toBe(0);
  });

  it('or is said to be there, while somebody reads an older state', async () => {
    const file = join(folder.path, `${++files}.sqlite`);
    const { storage, warnings } = await opened({ database: file });
    await fill(storage);
    const reader = new Database(file, { readonly: true });
    reader.exec('begin');
    reader.prepare('select count(*) from usage_records').get();
    await storage.forget({ username: NAME });
    expect(warnings).toEqual([expect.stringMatching(/may still hold copies.*VACUUM/)]);
    reader.close();
  });
});

it('The embedded SQLite lets nobody else read its file', async () => {
  const file = join(folder.path, 'new-folder', `${++files}.sqlite`);
  const { storage } = await opened({ database: file });
  await storage.store(makeRecords(3));
  for (const suffix of ['', '-wal', '-shm'])
    expect(statSync(file + suffix).mode & 0o777, suffix).toBe(0o600);
});
