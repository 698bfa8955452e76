import { randomBytes } from 'node:crypto';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './places.js';

/** More than are indexed at the start. */
const ROWS = 12_000;
const INDEXES = ['username', 'visitor'];
/** PostgreSQL waits for the transactions of all others, and the machine may be busy. */
const WAIT = { timeout: 20_000 };

const context = contextOf([sumUrls], { maxKeys: 100 });

interface DatabaseCase {
  readonly name: string;
  readonly connection: DataSourceOptions | undefined;
  readonly options: SqlStorageOptions;
}

const DATABASES = SQL_SERVERS.flatMap(([name, connection]): DatabaseCase[] =>
  connection?.type === 'postgres'
    ? [
        { name, connection, options: {} },
        { name: `${name} with partitions`, connection, options: { partitions: 'month' } },
      ]
    : [{ name, connection, options: {} }],
);

describe.each<DatabaseCase>(DATABASES)('Indexes of a large table on $name', (database) => {
  const { connection, options } = database;
  const test = (title: string, run: (place: Place) => Promise<void>) =>
    it.skipIf(!connection)(title, async () => {
      const dataSource = await new DataSource(connection!).initialize();
      place = new Place(dataSource, connection!);
      await place.fill(options);
      await run(place);
    });
  let place: Place | null = null;
  afterEach(async () => {
    await place?.remove();
    place = null;
  });

  test('are made after the start, while others write', async (place) => {
    const storage = await place.open(options);
    await storage.store(makeRecords(5));
    await expect.poll(() => place.indexes(), WAIT).toEqual(INDEXES);
    await expect.poll(() => place.isNoted(), WAIT).toBe(true);
    expect(await storage.countUsage()).toBe(ROWS + 5);
  });

  test('are made once by several that start together', async (place) => {
    const storages = await Promise.all([place.open(options), place.open(options)]);
    await Promise.all(storages.map((storage) => storage.store(makeRecords(3))));
    await expect.poll(() => place.indexes(), WAIT).toEqual(INDEXES);
    await expect.poll(() => place.isNoted(), WAIT).toBe(true);
    expect(place.warnings).toEqual([]);
  });

  test('are given up by a storage that closes, and made at the next start', async (place) => {
    const blocker = await place.block();
    const storage = await place.open(options);
    await storage.store(makeRecords(1));
    await storage.close();
    expect(await place.indexes()).not.toEqual(INDEXES);
    await blocker.end();
    await place.open(options);
    await expect.poll(() => place.indexes(), WAIT).toEqual(INDEXES);
    await expect.poll(() => place.isNoted(), WAIT).toBe(true);
  });

  test('that were left half made are made again', async (place) => {
    if (!(await place.leaveHalfMade())) return;
    expect(await place.indexes()).toEqual([]);
    await place.open(options);
    await expect.poll(() => place.indexes(), WAIT).toEqual(INDEXES);
  });
});

/** A table of many records whose indexes are missing, as before the migration that makes them. */
class Place {
  readonly warnings: string[] = [];
  private readonly name = `x${randomBytes(6).toString('hex')}`;
  private readonly storages: SqlStorage[] = [];
  private readonly records = `r_${this.name}`;

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DataSourceOptions,
  ) {}

  async open(options: SqlStorageOptions): Promise<SqlStorage> {
    const { url } = this.connection as unknown as { url: string };
    const storage = new SqlStorage({ url, ...options, ...tablesOf(this.name) });
    const logger = { ...context.logger, warn: (text: string) => this.warnings.push(text) };
    await storage.open({ ...context, logger });
    this.storages.push(storage);
    return storage;
  }

  async fill(options: SqlStorageOptions): Promise<void> {
    const storage = await this.open(options);
    await storage.store(makeRecords(12));
    await storage.close();
    const runner = this.dataSource.createQueryRunner();
    const table = await runner.getTable(this.records);
    await runner.release();
    const names = table!.columns.map(({ name }) => name).filter((name) => name !== 'id');
    const { driver } = this.dataSource;
    const columns = names.map((name) => driver.escape(name)).join(', ');
    const uuid = this.isMysql ? 'uuid()' : 'gen_random_uuid()';
    const series = this.isMysql
      ? 'with recursive s as (select 1 as n union all select n + 1 from s where n < 999) '
      : '';
    const source = this.isMysql ? 's' : 'generate_series(1, 999)';
    const selection = `select ${uuid}, ${columns} from ${this.records}, ${source}`;
    await this.dataSource.query(
      this.isMysql
        ? `insert into ${this.records} (id, ${columns}) ${series} ${selection}`
        : `insert into ${this.records} (id, ${columns}) ${selection}`,
    );
    for (const index of INDEXES)
      await this.dataSource.query(
        `drop index ${this.records}_${index}${this.isMysql ? ` on ${this.records}` : ''}`,
      );
    await this.dataSource.query(`delete from ${this.records}_migrations where name like 'Index%'`);
  }

  /** Those that are of use. */
  async indexes(): Promise<string[]> {
    const found: { name: string }[] = await this.dataSource.query(
      this.isMysql
        ? 'select distinct index_name as name from information_schema.statistics where table_name = ' +
            `'${this.records}' and table_schema = database()`
        : 'select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid ' +
            `where i.indrelid = to_regclass('${this.records}') and i.indisvalid`,
    );
    const names = found.map(({ name }) => name.replace(`${this.records}_`, ''));
    return INDEXES.filter((index) => names.includes(index));
  }

  async isNoted(): Promise<boolean> {
    const sql = `select 1 from ${this.records}_migrations where name like 'Index%'`;
    const noted: unknown[] = await this.dataSource.query(sql);
    return noted.length > 0;
  }

  /** Has a transaction open in which the table is used. */
  async block(): Promise<{ end(): Promise<void> }> {
    const runner = this.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      this.isMysql
        ? `select count(*) from ${this.records}`
        : `update ${this.records} set status = 200 where status = -1`,
    );
    return {
      async end() {
        await runner.rollbackTransaction();
        await runner.release();
      },
    };
  }

  /** @returns False where the server undoes what it cannot bring to an end. */
  async leaveHalfMade(): Promise<boolean> {
    if (this.isMysql) return false;
    const parts: { name: string }[] = await this.dataSource.query(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid ` +
        `where i.inhparent = to_regclass('${this.records}') limit 1`,
    );
    const table = parts[0]?.name ?? this.records;
    const blocker = await this.block();
    const builder = await new DataSource(this.connection).initialize();
    const runner = builder.createQueryRunner();
    const [{ pid }] = await runner.query('select pg_backend_pid() as pid');
    const building = runner
      .query(`create index concurrently ${table}_username on ${table} (username, date, id)`)
      .catch(() => 'cut off');
    await expect
      .poll(
        () => this.dataSource.query(`select 1 from pg_class where relname = '${table}_username'`),
        WAIT,
      )
      .toHaveLength(1);
    await this.dataSource.query(`select pg_terminate_backend(${pid})`);
    expect(await building).toBe('cut off');
    await blocker.end();
    await runner.release().catch(() => {});
    await builder.destroy().catch(() => {});
    return true;
  }

  async remove(): Promise<void> {
    for (const storage of this.storages) await storage.close();
    await dropPlace(this.dataSource, this.name);
    await this.dataSource.destroy();
  }

  private get isMysql(): boolean {
    return isMysql(this.connection);
  }
}
