import { join } from 'node:path';
import { SqlStorage, usageMigrations, usageMigrationsFor } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { makeEarlierRecords } from './earlier-records.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf, temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const context = contextOf([sumUrls], { maxKeys: 100 });

const DATABASES: [string, DataSourceOptions | undefined][] = [
  ['SQLite', { type: 'better-sqlite3', database: join(folder.path, 'schema.sqlite') }],
  ...SQL_SERVERS,
];

let places = 0;

describe.each(DATABASES)('The tables on %s', (_name, connection) => {
  const test = (title: string, run: (dataSource: DataSource, place: string) => Promise<void>) =>
    it.skipIf(!connection)(title, async () => {
      const dataSource = await new DataSource(connection!).initialize();
      const place = `m${process.pid}_${places++}`;
      try {
        await run(dataSource, place);
      } finally {
        await dropPlace(dataSource, place);
        await dataSource.query(`drop table if exists own_migrations`);
        await dataSource.destroy();
      }
    });
  const opened = async (dataSource: DataSource, place: string, runMigrations = true) => {
    const storage = new SqlStorage({ dataSource, runMigrations, ...tablesOf(place) });
    await storage.open(context);
    return storage;
  };

  test('are made once, however many start together', async (dataSource, place) => {
    const storages = await Promise.all(Array.from({ length: 8 }, () => opened(dataSource, place)));
    await storages[0]!.store(makeRecords(3));
    expect(await storages[7]!.countUsage()).toBe(3);
    const done = await dataSource.query(`select name from r_${place}_migrations order by name`);
    expect(done).toHaveLength(usageMigrations.length);
  });

  test('of an older version are brought up to date, and lose nothing', async (dataSource, place) => {
    // The first version had records and no summaries.
    await makeEarlierRecords(dataSource, tablesOf(place));
    const before = await opened(dataSource, place);
    const records = makeRecords(20);
    await before.store(records);
    await dataSource.query(`drop table s_${place}`);
    await dataSource.query(`drop table s_${place}_buckets`);
    const on = connection && isMysql(connection) ? ` on r_${place}` : '';
    for (const index of ['username', 'visitor'])
      await dataSource.query(`drop index r_${place}_${index}${on}`);
    await dataSource.query(
      `delete from r_${place}_migrations where name not like 'CreateUsageRecords%'`,
    );
    const after = await opened(dataSource, place);
    expect(await after.getUsage()).toEqual(records.toReversed());
    expect((await after.getSum('url')).month).toEqual([]);
    await after.rebuildSummaries();
    expect((await after.getSum('url')).day).toHaveLength(20);
    const runner = dataSource.createQueryRunner();
    const ofRecords = await runner.getTable(`r_${place}`);
    await runner.release();
    expect(ofRecords!.indices.map(({ name }) => name).sort()).toEqual(
      ['date', 'username', 'visitor'].map((suffix) => `r_${place}_${suffix}`),
    );
  });

  test('are made by the migrations of the application', async (dataSource, place) => {
    const application = await new DataSource({
      ...connection!,
      migrations: usageMigrationsFor(tablesOf(place)),
      migrationsTableName: 'own_migrations',
    }).initialize();
    await expect(opened(dataSource, place, false)).rejects.toThrow(
      /does not exist.*usageMigrations/,
    );
    await application.runMigrations();
    const storage = await opened(dataSource, place, false);
    await storage.store(makeRecords(2));
    expect(await storage.countUsage()).toBe(2);
    expect((await storage.getSum('url')).month).toHaveLength(2);
    // The storage's own run after them, and change nothing.
    expect(await (await opened(dataSource, place)).countUsage()).toBe(2);
    for (const _ of usageMigrations) await application.undoLastMigration();
    await expect(opened(dataSource, place, false)).rejects.toThrow(/does not exist/);
    await application.destroy();
  });

  test('of somebody else are left alone, and named', async (dataSource, place) => {
    await dataSource.query(`create table r_${place} (id integer, url integer)`);
    await dataSource.query(`insert into r_${place} values (1, 2)`);
    const error = await opened(dataSource, place).catch((each: Error) => each);
    expect(error).toMatchObject({
      message: expect.stringMatching(`r_${place}.*not one of.*no column date, path.*recordTable`),
    });
    expect(await dataSource.query(`select url from r_${place}`)).toEqual([{ url: 2 }]);
  });

  test('of somebody else, with the name of one that is kept beside, are named too', async (dataSource, place) => {
    await dataSource.query(`create table r_${place}_migrations (id integer, name varchar(9))`);
    await dataSource.query(`insert into r_${place}_migrations values (1, 'Mine')`);
    await expect(opened(dataSource, place)).rejects.toThrow(
      new RegExp(`r_${place}_migrations.*not one of.*no column date.*recordTable`),
    );
    expect(await dataSource.query(`select * from r_${place}_migrations`)).toHaveLength(1);
    const runner = dataSource.createQueryRunner();
    expect(await runner.getTable(`r_${place}`)).toBe(undefined);
    await runner.release();
  });

  test('whose indexes have a name that is taken are refused, and say which', async (dataSource, place) => {
    // MySQL has the names of indexes for each table.
    if (isMysql(connection!)) return;
    const names = ['1', '2'].map((end) => place.padEnd(50, 'x') + end);
    const open = (recordTable: string) =>
      new SqlStorage({ dataSource, ...tablesOf(place), recordTable }).open(context);
    try {
      await open(names[0]!);
      await expect(open(names[1]!)).rejects.toThrow(
        /x2" cannot be made.*x_username.*first 50 characters/,
      );
    } finally {
      for (const name of names)
        for (const suffix of ['', '_salts', '_notes', '_migrations'])
          await dataSource.query(`drop table if exists ${name}${suffix}`);
    }
  });

  test('that are one to the database are refused before one is made', async (dataSource, place) => {
    const opening = (recordTable: string, summaryTable: string) =>
      new SqlStorage({ dataSource, recordTable, summaryTable }).open(context);
    await expect(opening(place, `${place}_salts`)).rejects.toThrow(/are one to the database/);
    // SQLite takes names of any length.
    if (connection!.type === 'better-sqlite3') return;
    const long = place.padEnd(connection!.type === 'postgres' ? 63 : 60, 'x');
    await expect(opening(long, `s_${place}`)).rejects.toThrow(
      connection!.type === 'postgres'
        ? /are one.*calls both.*shorter/
        : /has 66 characters.*takes 64.*shorter recordTable/,
    );
    const runner = dataSource.createQueryRunner();
    expect(await runner.hasTable(long)).toBe(false);
    await runner.release();
  });
});

describe('The migrations', () => {
  it('are named as TypeORM wants it', () => {
    for (const Migration of usageMigrations)
      expect(new Migration().name).toMatch(/^[A-Z][A-Za-z]+\d{13}$/);
  });
});
