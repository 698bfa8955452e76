import { SqlStorage, usageMigrationsFor } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { expect, it } from 'vitest';
import { newPlace, sqlDatabases } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { dropPlace, tablesOf } from '../storages/sql/places.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const context = contextOf([], { maxKeys: 100 });

describeDatabases(sqlDatabases, (database, url) => {
  it("has the application's migrations bring up to date what version 0.1.0 has made", async () => {
    const place = newPlace();
    const recipe = database.recipe(url, place);
    const released = await ReleasedVersion.start('0.1.0');
    await released.open(recipe, { timeZone: 'UTC', maxKeys: 100, hooks: ['sumStatuses'] });
    await released.store(makeRecords(5));
    const { database: file } = recipe.options as { database?: string };
    const connection = file
      ? { type: 'better-sqlite3', database: file, timeout: 5000 }
      : { type: new URL(url).protocol.slice(0, -1), url };
    const dataSource = await new DataSource({
      ...connection,
      migrations: usageMigrationsFor(tablesOf(place)),
      migrationsTableName: `own_${place}`,
    } as DataSourceOptions).initialize();
    try {
      const options = { dataSource, ...tablesOf(place) };
      const storage = new SqlStorage({ ...options, runMigrations: false });
      await expect(storage.open(context)).rejects.toThrow(
        /of an earlier version.*no column consumer.*Run AddConsumerFields.*usageMigrations/,
      );
      await dataSource.runMigrations();
      await storage.open(context);
      await storage.store(makeRecords(3));
      await released.store(makeRecords(2));
      expect(await storage.countUsage()).toBe(10);
      // A later version may have added what this one does not know.
      await dataSource.query(`alter table r_${place} add column later_field integer`);
      const beside = new SqlStorage(options);
      await beside.open(context);
      await beside.store(makeRecords(1));
      expect(await beside.countUsage()).toBe(11);
      await beside.close();
      await storage.close();
    } finally {
      released.end();
      await dataSource.query(`drop table if exists own_${place}`);
      await dropPlace(dataSource, place);
      await dataSource.destroy();
      await database.remove(url, place);
    }
  });
});
