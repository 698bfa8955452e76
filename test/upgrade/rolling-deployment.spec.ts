import { sumStatuses, type UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createStorage,
  newPlace,
  releasedDatabases,
  sqlDatabases,
  sqlite,
  type Database,
  type StorageRecipe,
} from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const SETTINGS = { timeZone: 'UTC', maxKeys: 1000 };
const HOOKS = ['sumStatuses'];

/** Two versions at a place that nobody else uses. */
class Deployment {
  readonly recipe: StorageRecipe;
  private readonly place = newPlace();
  private readonly versions: ReleasedVersion[] = [];
  private readonly storages: UsageStorage[] = [];
  private readonly dataSources: DataSource[] = [];

  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {
    this.recipe = database.recipe(url, this.place);
  }

  async released(): Promise<ReleasedVersion> {
    const released = await ReleasedVersion.start('0.1.0');
    this.versions.push(released);
    return released;
  }

  openReleased(released: ReleasedVersion): Promise<void> {
    return released.open(this.recipe, { ...SETTINGS, hooks: HOOKS });
  }

  async open(): Promise<Required<UsageStorage>> {
    const hooks = [sumStatuses];
    const storage = createStorage(this.recipe, { hooks });
    await storage.open!(contextOf(hooks, SETTINGS));
    this.storages.push(storage);
    return storage as Required<UsageStorage>;
  }

  /** A connection beside, on SQL. */
  async connect(): Promise<DataSource> {
    const { database } = this.recipe.options as { database?: string };
    const options = database
      ? { type: 'better-sqlite3', database, timeout: 5000 }
      : { type: new URL(this.url).protocol.slice(0, -1), url: this.url };
    const dataSource = await new DataSource(options as DataSourceOptions).initialize();
    this.dataSources.push(dataSource);
    return dataSource;
  }

  async remove(): Promise<void> {
    for (const version of this.versions) version.end();
    for (const storage of this.storages) await storage.close!();
    for (const dataSource of this.dataSources) await dataSource.destroy();
    await this.database.remove(this.url, this.place);
  }
}

async function assertHolds(storage: Required<UsageStorage>, count: number): Promise<void> {
  expect(await storage.countUsage()).toBe(count);
  const { month } = await storage.getSum('status');
  expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(count);
  expect(await storage.verifySummaries()).toEqual([]);
}

describe('A rolling deployment', () => {
  const deployments: Deployment[] = [];
  const deploy = (database: Database, url: string) => {
    const deployment = new Deployment(database, url);
    deployments.push(deployment);
    return deployment;
  };
  afterEach(async () => {
    for (const deployment of deployments.splice(0)) await deployment.remove();
  });

  describeDatabases(releasedDatabases, (database, url) => {
    it('may begin with both versions at once, where there is nothing yet', async () => {
      const deployment = deploy(database, url);
      const released = await deployment.released();
      const [storage] = await Promise.all([deployment.open(), deployment.openReleased(released)]);
      await Promise.all([storage.store(makeRecords(20)), released.store(makeRecords(30))]);
      await assertHolds(storage, 50);
      await released.close();
      await deployment.openReleased(released);
      await released.store(makeRecords(5));
      await assertHolds(storage, 55);
    });

    it('may begin with several of the newer version, while the older one stores', async () => {
      const deployment = deploy(database, url);
      const released = await deployment.released();
      await deployment.openReleased(released);
      await released.store(makeRecords(40));
      const storing = Array.from({ length: 5 }, () => released.store(makeRecords(4)));
      const storages = await Promise.all(Array.from({ length: 3 }, () => deployment.open()));
      await Promise.all(storing);
      await Promise.all(storages.map((storage) => storage.store(makeRecords(10))));
      await assertHolds(storages[0]!, 90);
      expect(await released.call('countUsage')).toBe(90);
    });
  });

  describeDatabases(sqlDatabases, (database, url) => {
    /** Uses the tables in a transaction, as a report or a backup does. */
    async function use(deployment: Deployment, table: string): Promise<() => Promise<void>> {
      const runner = (await deployment.connect()).createQueryRunner();
      // SQLite has no lock that reading takes and a change of the tables waits for.
      await runner.query(database === sqlite ? 'begin immediate' : 'begin');
      await runner.query(`select count(*) from ${table}`);
      return async () => {
        await runner.query('rollback');
        await runner.release();
      };
    }

    const tablesOf = ({ recipe }: Deployment) =>
      recipe.options as { recordTable: string; summaryTable: string };

    const onServers = database === sqlite ? it.skip : it;
    onServers('waits for a transaction that uses the tables, which holds up nobody', async () => {
      const deployment = deploy(database, url);
      const released = await deployment.released();
      await deployment.openReleased(released);
      await released.store(makeRecords(10));
      const end = await use(deployment, tablesOf(deployment).recordTable);
      let isOpen = false;
      const opening = deployment.open().then((storage) => {
        isOpen = true;
        return storage;
      });
      for (let batch = 0; batch < 20; batch++) await released.store(makeRecords(1));
      expect(isOpen).toBe(false);
      await end();
      await assertHolds(await opening, 30);
    });

    it('goes on where a process was killed in the midst of it', async () => {
      const deployment = deploy(database, url);
      const released = await deployment.released();
      await deployment.openReleased(released);
      await released.store(makeRecords(10));
      await released.close();
      const { recordTable, summaryTable } = tablesOf(deployment);
      const end = await use(deployment, summaryTable);
      const killed = await ReleasedVersion.startBuilt();
      const opening = expect(deployment.openReleased(killed)).rejects.toThrow(/has ended/);
      // It changes the records' table, and waits for the other one; SQLite does both or none.
      const looking = await deployment.connect();
      const look = () => looking.query(`select consumer from ${recordTable}`).then(() => true);
      if (database === sqlite) await expect(killed.call('nothing')).rejects.toThrow();
      else await expect.poll(() => look().catch(() => false), { timeout: 10_000 }).toBe(true);
      killed.end();
      await opening;
      await end();
      const storage = await deployment.open();
      await storage.store(makeRecords(2));
      await deployment.openReleased(released);
      await released.store(makeRecords(3));
      await assertHolds(storage, 15);
    });
  });
});
