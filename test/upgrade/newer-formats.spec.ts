import type { UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { FORMAT } from '../../lib/storages/base/format.js';
import { createStorage, newPlace, sqlDatabases, type StorageRecipe } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

/** Notes, as a newer version would, which formats may store in a place. */
async function note({ options }: StorageRecipe, name: string, format: number): Promise<void> {
  const { url, database, summaryTable } = options as Record<string, string | undefined>;
  const connection = url
    ? { type: new URL(url).protocol.slice(0, -1), url }
    : { type: 'better-sqlite3', database };
  const dataSource = await new DataSource(connection as DataSourceOptions).initialize();
  const columns = ['dimension', 'period', 'date', 'keys'].map((each) =>
    dataSource.driver.escape(each),
  );
  await dataSource.query(
    `insert into ${summaryTable}_buckets (${columns.join(', ')}) ` +
      `values ('(format)', '${name}', ${format}, 0)`,
  );
  await dataSource.destroy();
}

describe('What a newer version has stored', () => {
  describeDatabases(sqlDatabases, (database, url) => {
    const places: string[] = [];
    const opened: UsageStorage[] = [];

    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close!();
      for (const place of places.splice(0)) await database.remove(url, place);
    });

    async function prepare() {
      const place = newPlace();
      places.push(place);
      const recipe = database.recipe(url, place);
      const open = async () => {
        const storage = createStorage(recipe, {});
        await storage.open!(contextOf([], { maxKeys: 100 }));
        opened.push(storage);
        return storage;
      };
      return { recipe, open };
    }

    it('is added to where it allows that', async () => {
      const { recipe, open } = await prepare();
      await (await open()).store(makeRecords(3));
      await note(recipe, 'format', FORMAT + 1);
      await note(recipe, 'oldest', FORMAT);
      await (await open()).store(makeRecords(2));
      expect(await (await open()).countUsage!()).toBe(5);
    });

    it('is left alone where it does not, which is said', async () => {
      const { recipe, open } = await prepare();
      const before = await open();
      await before.store(makeRecords(3));
      await note(recipe, 'oldest', FORMAT + 1);
      for (let attempt = 0; attempt < 2; attempt++)
        await expect(open()).rejects.toThrow(
          new RegExp(
            `newer version of nestjs-track-usage.*format ${FORMAT + 1} or newer.*` +
              `this version has format ${FORMAT}.*Install the newer version again`,
          ),
        );
      expect(await before.countUsage!()).toBe(3);
    });
  });
});
