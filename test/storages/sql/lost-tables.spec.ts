import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { dropPlace, SQL_SERVERS, tablesOf, temporaryFolder } from './places.js';

const HOOKS = [sumUrls, sumStatuses];
const DATE = Date.UTC(2026, 9, 30, 9);
const DAY = 86_400_000;
const folder = temporaryFolder();
const DATABASES: readonly [string, DataSourceOptions | undefined][] = [
  ['SQLite', { type: 'better-sqlite3', database: join(folder.path, 'usage.sqlite') }],
  ...SQL_SERVERS,
];
afterAll(() => folder.remove());

describe.each(DATABASES)('On %s, with tables that were lost or restored alone', (_, connection) => {
  if (connection === undefined) return it.skip('(skipped: no server)');
  let dataSource: DataSource;
  let place: string;
  let warnings: string[];
  let opened: SqlStorage[];

  beforeAll(async () => {
    dataSource = await new DataSource(connection).initialize();
  });
  beforeEach(() => {
    place = `l${randomBytes(5).toString('hex')}`;
    [warnings, opened] = [[], []];
  });
  afterEach(async () => {
    for (const storage of opened) await storage.close();
    await dropPlace(dataSource, place);
  });
  afterAll(() => dataSource.destroy());

  const open = async (maxKeys = 100) => {
    const storage = new SqlStorage({ dataSource, hooks: HOOKS, ...tablesOf(place) });
    await storage.open(
      contextOf(HOOKS, {
        logger: { ...SILENT_LOGGER, warn: (line: string) => void warnings.push(line) },
        maxKeys,
      }),
    );
    opened.push(storage);
    return storage;
  };
  const traffic = (count: number, from = 0) =>
    makeRecords(count, (index) => ({
      date: new Date(DATE + (from + index) * (DAY / 4)),
      url: `http://shop.example/${(from + index) % 12}`,
    }));
  const hits = async (storage: SqlStorage) => {
    const { month } = await storage.getSum('url', { limit: 1000 });
    return month.reduce((sum, each) => sum + each.hits, 0);
  };
  const names = () => {
    const { recordTable, summaryTable } = tablesOf(place);
    return {
      records: recordTable,
      sums: summaryTable,
      buckets: `${summaryTable}_buckets`,
      salts: `${recordTable}_salts`,
      notes: `${recordTable}_notes`,
      migrations: `${recordTable}_migrations`,
    };
  };

  it.each(['drop table', 'delete from'] as const)(
    'counts on, sees what is wrong, and mends it: %s',
    async (how) => {
      for (const table of Object.keys(names()) as (keyof ReturnType<typeof names>)[]) {
        const before = await open();
        await before.store(traffic(24));
        await before.close();
        await dataSource.query(`${how} ${names()[table]}`);
        const storage = await open();
        await storage.store(traffic(8, 24));
        expect(await storage.countUsage()).toBe(table === 'records' ? 8 : 32);
        expect(await hits(storage)).toBe(table === 'sums' ? 8 : 32);
        const { totals } = await storage.report({ dimensions: ['url'], metrics: ['hits'] });
        expect(totals.hits).toBe(32);
        const isWrong = table === 'records' || table === 'sums';
        expect((await storage.verifySummaries()).length > 0).toBe(isWrong);
        await storage.rebuildSummaries();
        expect(await storage.verifySummaries()).toEqual([]);
        expect(await hits(storage)).toBe(await storage.countUsage());
        expect(await storage.dailySalt('2026-11-23', 'salt')).toBe('salt');
        expect(warnings.length).toBe(table === 'buckets' ? 1 : 0);
        await storage.close();
        warnings = [];
        await dropPlace(dataSource, place);
      }
    },
  );

  it('says at the start that a column was converted to a collation that mixes names up', async () => {
    await (await open()).close();
    expect(warnings).toEqual([]);
    const { sums } = names();
    const convert = {
      'better-sqlite3': [
        `drop table ${sums}`,
        `create table ${sums} (dimension text collate nocase, period text, date integer, "key" text, long_key text, hits integer, transfer integer, errors integer, duration_us integer, latency text)`,
      ],
      postgres: [
        `create collation if not exists loose_${place} (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
        `alter table ${sums} alter column dimension type text collate loose_${place}`,
      ],
      mysql: [`alter table ${sums} convert to character set utf8mb4 collate utf8mb4_general_ci`],
    };
    const kind = connection.type === 'mariadb' ? 'mysql' : connection.type;
    for (const sql of convert[kind as keyof typeof convert]) await dataSource.query(sql);
    await open();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/collation of .*s_.* does not compare text byte by byte/);
    if (kind === 'postgres') {
      await dropPlace(dataSource, place);
      await dataSource.query(`drop collation loose_${place}`);
    }
  });

  it('keeps to the cap of keys, and leaves sums as they are whose records were pruned', async () => {
    const before = await open(8);
    await before.store(
      makeRecords(6, (index) => ({ date: new Date(DATE), url: `http://shop.example/a${index}` })),
    );
    await before.store(traffic(24, 8));
    await before.prune({ records: new Date(DATE + 5 * DAY) });
    const sums = await before.getSum('url', { limit: 1000 });
    await before.close();
    await dataSource.query(`delete from ${names().buckets}`);
    const storage = await open(8);
    expect(warnings[0]).toContain('rebuildSummaries()');
    await storage.rebuildSummaries();
    expect(await storage.getSum('url', { limit: 1000 })).toEqual(sums);
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.store(
      makeRecords(6, (index) => ({ date: new Date(DATE), url: `http://shop.example/b${index}` })),
    );
    const { hour } = await storage.getSum('url', { startDate: new Date(DATE) });
    expect(hour.length).toBeLessThanOrEqual(8);
    // The next start finds all there.
    warnings = [];
    await open(8);
    expect(warnings).toEqual([]);
  });
});
