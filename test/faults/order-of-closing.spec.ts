import { Controller, Get, Module, Param, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { TrackUsage, TrackUsageModule, UsageService, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage, usageEntities } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tablesOf } from '../storages/sql/places.js';
import { platforms, startApp } from '../support/platforms.js';
import { createStorage, newPlace, sqlDatabases, sqlite } from './databases.js';
import { describeDatabases } from './with-databases.js';

const REQUESTS = 200;

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get(':id') findOne(@Param('id') id: string) {
    return { id };
  }
}

const connections: Record<string, (url: string, file: unknown) => DataSourceOptions> = {
  SQLite: (_, file) => ({ type: 'better-sqlite3', database: file as string }),
  PostgreSQL: (url) => ({ type: 'postgres', url }),
  MariaDB: (url) => ({ type: 'mariadb', url }),
  MySQL: (url) => ({ type: 'mysql', url }),
};

/** What a second connection finds. */
async function countOf(database: typeof sqlite, url: string, place: string): Promise<number> {
  const reader = createStorage(database.recipe(url, place), {});
  await reader.open!({
    logger: { log() {}, warn() {}, error() {} },
    summaries: [],
    timeZone: 'UTC',
    maxKeys: 1000,
  });
  const count = await reader.countUsage!();
  await reader.close!();
  return count;
}

describeDatabases(sqlDatabases, (database, url) => {
  let place: string;
  beforeEach(() => void (place = newPlace()));
  afterEach(() => database.remove(url, place));

  describe.each(platforms)('on $name', (platform) => {
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
        const imports: DynamicModule[] =
          order === 'before' ? [typeOrm, tracker] : [tracker, typeOrm];
        @Module({ imports, controllers: [CatsController] })
        class AppModule {}
        const { app, url: shop } = await startApp(AppModule, platform);
        const dataSource = app.get<DataSource>(getDataSourceToken());
        const responses = await Promise.all(
          Array.from({ length: REQUESTS }, (_, id) => fetch(`${shop}/cats/${id}`)),
        );
        for (const response of responses) await response.text();
        const usage = app.get(UsageService);
        await app.close();
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
      @Module({
        imports: [
          TrackUsageModule.forRoot({
            flushInterval: 600_000,
            storages: [createStorage(database.recipe(url, place), {})],
          }),
        ],
        controllers: [CatsController],
      })
      class AppModule {}
      const { app, url: shop } = await startApp(AppModule, platform);
      const usage = app.get(UsageService);
      for (let invocation = 1; invocation <= 5; invocation++) {
        await (await fetch(`${shop}/cats/${invocation}`)).text();
        // A client may have its last byte before the server knows.
        await vi.waitUntil(() => usage.stats().storages['sql']?.seen === invocation);
        expect(await usage.flush()).toBe(true);
        expect(await countOf(database, url, place)).toBe(invocation);
      }
      await app.close();
    });
  });
});
