import { SqlStorage, usageMigrationsFor, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partitionAt, partitionOf } from '../../../lib/storages/sql/partitions/partition-span.js';
import { sumUrls } from 'nestjs-track-usage';
import { storageContract, makeRecord } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, serverSubject, tablesOf } from './places.js';

const context = contextOf([sumUrls], { maxKeys: 100 });

describeWithServer('POSTGRES', 'Partitions on PostgreSQL', (url) => {
  for (const partitions of ['month', 'day'] as const)
    storageContract(
      { describe, it, afterEach },
      `SqlStorage with a partition for each ${partitions}`,
      serverSubject({ url, partitions }, { type: 'postgres', url }),
    );

  describe('of the records', () => {
    let dataSource: DataSource;
    let place: string;
    let opened: SqlStorage[];
    let places = 0;

    beforeAll(async () => {
      dataSource = await new DataSource({ type: 'postgres', url }).initialize();
    });
    afterAll(() => dataSource.destroy());
    beforeEach(() => {
      place = `p${process.pid}_${places++}`;
      opened = [];
    });
    afterEach(async () => {
      for (const storage of opened) await storage.close();
      await dropPlace(dataSource, place);
      await dataSource.query(`drop table if exists ${place}_own`);
    });

    const open = async (options: SqlStorageOptions) => {
      const storage = new SqlStorage({ ...tablesOf(place), ...options });
      opened.push(storage);
      await storage.open(context);
      return storage;
    };
    const names = async (): Promise<string[]> => {
      const rows: { name: string }[] = await dataSource.query(
        'select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid ' +
          'where i.inhparent = to_regclass($1) order by name',
        [`r_${place}`],
      );
      return rows.map(({ name }) => name.slice(`r_${place}_`.length));
    };
    const suffix = (instant: number) => partitionAt('month', instant).suffix;

    it('are made ahead, and for whatever date comes', async () => {
      const storage = await open({ url, partitions: 'month' });
      const now = suffix(Date.now());
      const next = suffix(partitionAt('month', Date.now()).until!);
      expect(await names()).toEqual([now, next, 'pafter', 'pbefore'].sort());
      const dates = ['2025-01-31T23:59:59.999Z', '2025-02-01T00:00Z', '0000-01-01T00:00Z'];
      const records = dates.map((date) => makeRecord({ date: new Date(date) }));
      await storage.store(records);
      await storage.store(records);
      expect(await names()).toEqual(['p202501', 'p202502', now, next, 'pafter', 'pbefore'].sort());
      expect(await storage.countUsage()).toBe(3);
      const [of] = await dataSource.query(`select count(*)::int as n from r_${place}_p202501`);
      expect(of).toEqual({ n: 1 });
    });

    it('are dropped as a whole when they have had their time', async () => {
      const storage = await open({ url, partitions: 'month' });
      const at = (date: string) => makeRecord({ date: new Date(date) });
      await storage.store([
        at('2025-01-05T00:00Z'),
        at('2025-01-31T23:59Z'),
        at('2025-02-10T00:00Z'),
        at('2025-02-20T00:00Z'),
      ]);
      const deleted = async () => {
        const [row] = await dataSource.query(
          'select coalesce(sum(n_tup_del), 0)::int as n from pg_stat_user_tables ' +
            `where relname like 'r_${place}_p%'`,
        );
        return row.n as number;
      };
      expect(await storage.prune({ records: new Date('2025-02-01T00:00Z') })).toMatchObject({
        records: 2,
      });
      expect(await names()).not.toContain('p202501');
      expect(await deleted()).toBe(0);
      // What is left of a month goes record by record.
      expect(await storage.prune({ records: new Date('2025-02-15T00:00Z') })).toMatchObject({
        records: 1,
      });
      expect(await names()).toContain('p202502');
      expect(await storage.countUsage()).toBe(1);
      expect(await storage.verifySummaries()).toEqual([]);
    });

    it('that another process has dropped are made again', async () => {
      const [one, other] = [
        await open({ url, partitions: 'month' }),
        await open({ url, partitions: 'month' }),
      ];
      const late = () => makeRecord({ date: new Date('2025-01-05T00:00Z') });
      await one.store([late()]);
      await other.prune({ records: new Date('2025-03-01T00:00Z') });
      expect(await names()).not.toContain('p202501');
      await one.store([late(), late()]);
      expect(await other.countUsage()).toBe(2);
    });

    it('wait for nobody: a reader of the table holds up retention, not writers', async () => {
      const storage = await open({ url, partitions: 'month' });
      await storage.store([makeRecord({ date: new Date('2025-01-05T00:00Z') })]);
      const reader = dataSource.createQueryRunner();
      await reader.startTransaction();
      await reader.query(`select count(*) from r_${place}`);
      const pruned = storage.prune({ records: new Date('2025-02-01T00:00Z') });
      for (let round = 0; round < 5; round++) await storage.store([makeRecord()]);
      expect(await names()).toContain('p202501');
      await reader.commitTransaction();
      await reader.release();
      expect(await pruned).toMatchObject({ records: 1 });
      expect(await names()).not.toContain('p202501');
    });

    it('are made once, however many start and write together', async () => {
      const storages = await Promise.all(
        Array.from({ length: 8 }, () => open({ url, partitions: 'day' })),
      );
      const day = (index: number) => new Date(Date.UTC(2025, 0, 1 + (index % 5)));
      await Promise.all(
        storages.map((storage) =>
          storage.store(Array.from({ length: 20 }, (_, index) => makeRecord({ date: day(index) }))),
        ),
      );
      expect(await storages[0]!.countUsage()).toBe(160);
      expect((await names()).filter((name) => name.startsWith('p2025'))).toHaveLength(5);
    });

    it('can be made by the migrations of the application, in a schema of its own', async () => {
      const options = { ...tablesOf(place), schema: `s_${place}`, partitions: 'month' } as const;
      const application = await new DataSource({
        type: 'postgres',
        url,
        migrations: usageMigrationsFor(options),
        migrationsTableName: `${place}_own`,
      }).initialize();
      try {
        await application.runMigrations();
        const storage = await open({ ...options, dataSource, runMigrations: false });
        await storage.store([makeRecord({ date: new Date('2025-01-05T00:00Z') })]);
        expect(await storage.countUsage()).toBe(1);
        expect((await storage.prune({ records: new Date('2025-02-01') })).records).toBe(1);
      } finally {
        await application.query(`drop schema if exists s_${place} cascade`);
        await application.destroy();
      }
    });

    it('cannot be had of a table that was made otherwise', async () => {
      await open({ url });
      await expect(open({ url, partitions: 'month' })).rejects.toThrow(
        /partitions: the table .* was made without.*recordTable/,
      );
      await dropPlace(dataSource, place);
      await open({ url, partitions: 'month' });
      await expect(open({ url })).rejects.toThrow(/is partitioned: give the option partitions/);
      await expect(open({ url, partitions: 'day' })).rejects.toThrow(
        /has a partition .*, which is none of those that 'day' makes/,
      );
    });

    it('are a month or a day', async () => {
      await expect(open({ url, partitions: 'week' as never })).rejects.toThrow(
        "partitions: expected 'month' or 'day', but got 'week'",
      );
    });
  });
});

describe('Partitions', () => {
  it('are refused by a database that has none', async () => {
    const storage = new SqlStorage({ database: ':memory:', partitions: 'month' });
    await expect(storage.open(context)).rejects.toThrow(
      'partitions: expected a PostgreSQL database, but got sqlite',
    );
  });

  it('hold each instant once, and are known by their names', () => {
    for (const unit of ['month', 'day'] as const)
      for (const date of ['2000-01-01T00:00Z', '2024-02-29T23:59:59.999Z', '2099-12-31T12:00Z']) {
        const instant = Date.parse(date);
        const span = partitionAt(unit, instant);
        expect(span.from! <= instant && instant < span.until!).toBe(true);
        expect(partitionAt(unit, span.until! - 1)).toEqual(span);
        expect(partitionAt(unit, span.until!).suffix).not.toBe(span.suffix);
        expect(partitionOf(unit, span.suffix)).toEqual(span);
        expect(partitionOf(unit === 'day' ? 'month' : 'day', span.suffix)).toBeNull();
      }
    expect(partitionAt('day', Date.UTC(2026, 10, 3)).suffix).toBe('p20261103');
    expect(partitionOf('month', 'p202613')).toBeNull();
    expect(partitionOf('month', 'salts')).toBeNull();
  });
});
