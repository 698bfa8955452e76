import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumBasic, sumRoutes, sumStatuses } from 'nestjs-track-usage';
import { amount } from '../../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../../support/built.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, tablesOf, temporaryFolder } from './places.js';

const PROCESSES = 8;
const RECORDS = amount({ few: 200, many: 12_500 });
const TIMEOUT = 600_000;
const MAX_KEYS = 60;

const script = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.remove());

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('Eight processes that start at once and write at once', () => {
  it('count exactly on one SQLite file', { timeout: TIMEOUT }, async () => {
    await countExactly({ database: join(folder.path, 'processes.sqlite') });
  });

  describeWithServer('POSTGRES', 'on a server', (url) => {
    it('count exactly on PostgreSQL', { timeout: TIMEOUT }, async () => {
      await onServer({ url, schema: `processes_${process.pid}` }, { type: 'postgres', url });
    });
  });

  for (const [name, type] of [
    ['MARIADB', 'mariadb'],
    ['MYSQL', 'mysql'],
  ] as const)
    describeWithServer(name, 'on a server', (url) => {
      it(`count exactly on ${type}`, { timeout: TIMEOUT }, async () => {
        await onServer({ url }, { type, url });
      });
    });
});

async function onServer(options: SqlStorageOptions, connection: DataSourceOptions): Promise<void> {
  const place = `w${process.pid}`;
  try {
    await countExactly({ ...options, ...tablesOf(place) });
  } finally {
    const dataSource = await new DataSource(connection).initialize();
    if (options.schema) await dataSource.query(`drop schema if exists "${options.schema}" cascade`);
    else await dropPlace(dataSource, place);
    await dataSource.destroy();
  }
}

async function countExactly(options: SqlStorageOptions): Promise<void> {
  const writers = Array.from({ length: PROCESSES }, (_, writer) => startWriter(options, writer));
  const ends = Promise.all(writers.map(({ end }) => end));
  await Promise.race([Promise.all(writers.map(({ open }) => open)), ends]);
  for (const { child } of writers) child.send('begin');
  await ends;

  const hooks = [sumBasic, sumRoutes, sumStatuses];
  const storage = new SqlStorage({ ...options, hooks });
  await storage.open(contextOf(hooks, { maxKeys: MAX_KEYS }));
  const total = PROCESSES * RECORDS;
  expect(await storage.countUsage()).toBe(total);
  expect(await storage.verifySummaries()).toEqual([]);
  for (const dimension of ['url', 'remote', 'server', 'status']) {
    const sums = await storage.getSum(dimension, { limit: 10_000 });
    for (const rows of [sums.hour, sums.day, sums.month]) {
      expect(rows.reduce((sum, { hits }) => sum + hits, 0)).toBe(total);
      const inBucket = new Map<number, number>();
      for (const { date } of rows) inBucket.set(+date, (inBucket.get(+date) ?? 0) + 1);
      expect(Math.max(...inBucket.values())).toBeLessThanOrEqual(MAX_KEYS);
    }
  }
  const { day } = await storage.getSum('status', { target: '500' });
  expect(day.reduce((sum, { errors }) => sum + errors, 0)).toBe(total / 4);
  await storage.close();
}

function startWriter(options: SqlStorageOptions, writer: number) {
  const data = { options, writer, records: RECORDS, batchSize: 50, maxKeys: MAX_KEYS };
  const child: ChildProcess = fork(script, [JSON.stringify(data)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const end = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Process ${writer} ended with ${code}: ${said}`));
    });
  });
  const open = new Promise<void>((resolve) => child.once('message', () => resolve()));
  return { child, open, end };
}
