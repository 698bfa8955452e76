import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getDataSourceToken, getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import {
  SqlStorage,
  usageEntities,
  UsageRecordEntity,
  UsageSummaryEntity,
} from 'nestjs-track-usage/sql';
import {
  Column,
  DataSource,
  DefaultNamingStrategy,
  Entity,
  PrimaryGeneratedColumn,
  type DataSourceOptions,
  type Repository,
} from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords, storageContract } from 'nestjs-track-usage/testing';
import { unusualRecords } from '../../support/contract-parts.js';
import { describeWithServer, server } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, dropPrefixed, isMysql, tablesOf, temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const context = contextOf([sumUrls], { maxKeys: 100 });

/** Words in capitals, and another order of words: nothing that the library could guess. */
class ShoutingStrategy extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return `T ${(given ?? target).toUpperCase()}`;
  }

  override columnName(property: string, custom: string | undefined, prefixes: string[]): string {
    return [...prefixes, custom ?? property].join('-').toUpperCase();
  }
}

@Entity()
class Cat {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', length: 50 })
  name!: string;
}

const CONNECTIONS: [string, () => DataSourceOptions | undefined][] = [
  ['better-sqlite3', () => ({ type: 'better-sqlite3', database: join(folder.path, 'app.sqlite') })],
  ['sqljs', () => ({ type: 'sqljs' })],
  [
    'postgres',
    () => server('POSTGRES') && { type: 'postgres', url: server('POSTGRES')!, schema: 'app usage' },
  ] as [string, () => DataSourceOptions | undefined],
  [
    'mariadb',
    () => server('MARIADB') && { type: 'mariadb', url: server('MARIADB')!, timezone: '+05:30' },
  ] as [string, () => DataSourceOptions | undefined],
  [
    'mysql',
    () => server('MYSQL') && { type: 'mysql', url: server('MYSQL')!, timezone: '+05:30' },
  ] as [string, () => DataSourceOptions | undefined],
];

describe.each(CONNECTIONS)("The application's connection to %s", (_type, optionsOf) => {
  const options = optionsOf();

  it.skipIf(!options)('serves, with its names for things, its prefix and its schema', async () => {
    const prefix = `p${process.pid}_`;
    @Module({
      imports: [
        TypeOrmModule.forRoot({
          ...options!,
          name: 'usage',
          autoLoadEntities: true,
          synchronize: true,
          entityPrefix: prefix,
          namingStrategy: new ShoutingStrategy(),
          ...(options!.type === 'postgres' && { installExtensions: false }),
        }),
        TypeOrmModule.forFeature([...usageEntities, Cat], 'usage'),
      ],
    })
    class AppModule {}

    await makeSchema(options!);
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const dataSource = app.get<DataSource>(getDataSourceToken('usage'));
    const storage = new SqlStorage({ dataSource, hooks: [sumUrls] });
    await storage.open(context);
    const records = [...unusualRecords(), ...makeRecords(5)];
    await storage.store(records);
    await storage.store(records.slice(3, 9));
    expect(byId(await storage.getUsage())).toEqual(byId(records));
    expect(await storage.verifySummaries()).toEqual([]);

    const repository = app.get<Repository<UsageRecordEntity>>(
      getRepositoryToken(UsageRecordEntity, 'usage'),
    );
    expect(repository.metadata.tableName).toBe(`${prefix}T USAGE_RECORDS`);
    const read = await repository.find();
    expect(byId(read.map((record) => ({ ...record, userAgent: { ...record.userAgent } })))).toEqual(
      byId(records),
    );
    const one = await repository.findOneBy({ id: records[0]!.id, date: records[0]!.date });
    expect(one?.speed).toBe(records[0]!.speed);
    const sums = await app
      .get<Repository<UsageSummaryEntity>>(getRepositoryToken(UsageSummaryEntity, 'usage'))
      .findBy({ period: 'month' });
    expect(sums.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThanOrEqual(records.length);

    // What shapes the application's tables leaves the library's alone.
    await dataSource.synchronize();
    expect(await storage.countUsage()).toBe(records.length);
    await storage.close();
    expect(dataSource.isInitialized).toBe(true);
    await clean(dataSource, prefix);
    await app.close();
  });
});

describe("The application's connection to SQLite, which it shares with the storage", () => {
  let dataSource: DataSource;
  let storage: SqlStorage;

  beforeAll(async () => {
    dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: join(folder.path, 'shared.sqlite'),
      entities: [Cat],
      synchronize: true,
    }).initialize();
    storage = new SqlStorage({ dataSource, hooks: [sumUrls] });
    await storage.open(context);
  });
  afterAll(async () => {
    await storage.close();
    await dataSource.destroy();
  });

  it('loses no record when the application undoes what it was at meanwhile', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.save(Cat, { name: 'Tom' });
    let stored = false;
    const storing = storage.store(makeRecords(50)).then(() => (stored = true));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(stored).toBe(false);
    await runner.rollbackTransaction();
    await storing;
    expect(await storage.countUsage()).toBe(50);
    expect(await dataSource.getRepository(Cat).count()).toBe(0);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it("gets in nobody's way when the application writes all the time", async () => {
    const before = await storage.countUsage();
    let names = 0;
    const cats = async () => {
      for (let round = 0; round < 20; round++)
        await dataSource
          .transaction(async (manager) => {
            await manager.save(Cat, { name: `cat ${names++}` });
            await new Promise(setImmediate);
            await manager.save(Cat, { name: `cat ${names++}` });
            if (round % 3 === 0) throw new Error('undone');
          })
          .catch(() => {});
    };
    const usage = async () => {
      for (let round = 0; round < 20; round++) await storage.store(makeRecords(20));
    };
    await Promise.all([cats(), usage()]);
    expect(await storage.countUsage()).toBe(before + 400);
    expect(await dataSource.getRepository(Cat).count()).toBe(26);
    expect(await storage.verifySummaries()).toEqual([]);
  });
});

const tools = { describe, it, afterEach };
let shared: DataSource;

describe("SqlStorage on the application's SQLite file", () => {
  beforeAll(async () => {
    const database = join(folder.path, 'contract.sqlite');
    shared = await new DataSource({ type: 'better-sqlite3', database }).initialize();
  });
  afterAll(() => shared.destroy());
  storageContract(tools, 'SqlStorage', {
    shared: true,
    create: (place, given) => new SqlStorage({ ...given, dataSource: shared, ...tablesOf(place) }),
    remove: (place) => dropPlace(shared, place),
  });
});

describeWithServer('POSTGRES', "SqlStorage on the application's PostgreSQL", (url) => {
  it('keeps instants whatever zone the session is in', async () => {
    const dataSource = await new DataSource({
      type: 'postgres',
      url,
      extra: { options: '-c TimeZone=Asia/Kolkata' },
    }).initialize();
    const place = `z${process.pid}`;
    const storage = new SqlStorage({ dataSource, hooks: [sumUrls], ...tablesOf(place) });
    await storage.open(context);
    const records = unusualRecords();
    await storage.store(records);
    expect(byId(await storage.getUsage())).toEqual(byId(records));
    await dropPlace(dataSource, place);
    await dataSource.destroy();
  });
});

async function makeSchema(options: DataSourceOptions): Promise<void> {
  if (options.type !== 'postgres' || !options.schema) return;
  const { schema: _schema, ...rest } = options;
  const dataSource = await new DataSource(rest).initialize();
  await dataSource.query(`create schema if not exists "${options.schema}"`);
  await dataSource.destroy();
}

async function clean(dataSource: DataSource, prefix: string): Promise<void> {
  if (dataSource.options.type === 'postgres')
    await dataSource.query(`drop schema "${dataSource.options.schema!}" cascade`);
  if (isMysql(dataSource.options)) await dropPrefixed(dataSource, prefix);
}

function byId<T extends { id: string }>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
}
