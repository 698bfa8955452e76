import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { TrackUsageModule, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage, usageEntities } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tablesOf } from '../storages/sql/places.js';
import { onPlatforms } from '../support/applications.js';
import { contextOf } from '../support/storage-context.js';
import { createStorage, newPlace, sqlDatabases, sqlite } from './databases.js';
import { describeDatabases } from './with-databases.js';

const REQUESTS = 200;

const connections: Record<string, (url: string, file: unknown) => DataSourceOptions> = {
  SQLite: (_, file) => ({ type: 'better-sqlite3', database: file as string }),
  PostgreSQL: (url) => ({ type: 'postgres', url }),
  MariaDB: (url) => ({ type: 'mariadb', url }),
  MySQL: (url) => ({ type: 'mysql', url }),
};

/** What a second connection finds. */
async function countOf(database: typeof sqlite, url: string, place: string): Promise<number> {
  const reader = createStorage(database.recipe(url, place), {});
  await reader.open!(contextOf([], { maxKeys: 1000 }));
  const count = await reader.countUsage!();
  await reader.close!();
  return count;
}

describeDatabases(sqlDatabases, (database, url) => {
  let place: string;
  beforeEach(() => void (place = newPlace()));
  afterEach(() => database.remove(url, place));

  onPlatforms('on $name', (start) => {
    it.each(['before', 'after'] as const)(
      'stores what waits before Nest closes the connection of the application, imported %s the tracker',
      async (order) => {
        const file = database.recipe(url, place).options['database'];
        const connection = connections[database.name]!(url, file);
        const typeOrm = TypeOrmModule.forRoot({ ...connection, entities: usageEntities });
        const tracker = TrackUsageModule.forRootAsync({
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => ({
            flushInterval: 600_000,
            batchSize: REQUESTS * 10,
            storages: [new SqlStorage({ dataSource, ...tablesOf(place), hooks: [sumStatuses] })],
          }),
        });
        const imports = order === 'before' ? [typeOrm, tracker] : [tracker, typeOrm];
        const { app, usage, fetch, close } = await start({ imports, track: null });
        const dataSource = app.get<DataSource>(getDataSourceToken());
        await Promise.all(Array.from({ length: REQUESTS }, (_, id) => fetch(`/cats/${id}`)));
        await close();
        expect(dataSource.isInitialized).toBe(false);
        expect(usage.stats().storages['sql']).toMatchObject({
          seen: REQUESTS,
          stored: REQUESTS,
          retried: 0,
          dropped: {},
        });
        expect(await countOf(database, url, place)).toBe(REQUESTS);
      },
    );

    it('has stored a request when flush() resolves, for a process that is frozen after it', async () => {
      const storages = [createStorage(database.recipe(url, place), {})];
      const { usage, fetch } = await start({ track: { flushInterval: 600_000, storages } });
      for (let invocation = 1; invocation <= 5; invocation++) {
        await fetch(`/cats/${invocation}`);
        // A client may have its last byte before the server knows.
        await vi.waitUntil(() => usage.stats().storages['sql']?.seen === invocation);
        expect(await usage.flush()).toBe(true);
        expect(await countOf(database, url, place)).toBe(invocation);
      }
    });
  });
});
