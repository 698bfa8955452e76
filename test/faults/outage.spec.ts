import { MemoryStorage, sumStatuses } from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApp } from '../support/applications.js';
import { platforms, type TestPlatform } from '../support/platforms.js';
import { clickhouse, createStorage, mariadb, mysql, newPlace, postgres } from './databases.js';
import { TcpProxy } from './tcp-proxy.js';
import { describeDatabases } from './with-databases.js';

const isCi = process.env['CI'] === 'true';
/** A long outage is shown on one platform. */
const secondsDown = ({ name }: TestPlatform) => (isCi && name === 'Express' ? 10 : 2);

describe('a database that refuses and cuts connections while requests come in', () => {
  describeDatabases([postgres, mariadb, mysql, clickhouse], (database, url) => {
    let place: string;
    let proxy: TcpProxy;
    beforeEach(async () => {
      place = newPlace();
      proxy = await TcpProxy.before(url);
    });
    afterEach(async () => {
      await proxy.refuse();
      await database.remove(url, place);
    });

    it.each(isCi && database !== clickhouse ? platforms : platforms.slice(0, 1))(
      'gets each record once when it is back, and nobody else notices, on $name',
      { timeout: 90_000 },
      async (platform) => {
        const recipe = database.recipe(proxy.through(url), place);
        const storage = createStorage(recipe, { name: 'proxied', hooks: [sumStatuses] });
        const { usage, fetch, close } = await openApp(platform, {
          track: {
            flushInterval: 50,
            batchSize: 50,
            storages: [storage, new MemoryStorage({ name: 'other' })],
          },
        });
        let requests = 0;
        /** Requests one after the other, each answered as if nothing were wrong. */
        const ask = async (isOver: () => boolean) => {
          while (!isOver()) {
            const id = String(requests++);
            const response = await fetch(`/cats/${id}`);
            expect(response.status).toBe(200);
            expect(await response.json()).toEqual({ id });
          }
        };
        const proxied = () => usage.stats().storages['proxied']!;

        await ask(() => proxied().stored >= 100);
        await proxy.refuse();
        const end = performance.now() + secondsDown(platform) * 1000;
        await ask(() => performance.now() > end && proxied().lastError !== null);
        const { stored, waiting } = proxied();
        expect(waiting).toBeGreaterThan(0);
        await proxy.accept();
        // Connections break in the middle of batches now, again and again.
        for (let cuts = 0; cuts < 20; cuts++) {
          const before = requests + 10;
          await ask(() => requests >= before);
          proxy.cut();
        }
        expect(await usage.flush({ timeout: 60_000 })).toBe(true);

        expect(proxied()).toMatchObject({
          seen: requests,
          stored: requests,
          waiting: 0,
          dropped: {},
        });
        expect(proxied().stored).toBeGreaterThan(stored);
        expect(usage.stats().storages['other']).toMatchObject({ stored: requests, retried: 0 });
        const paths: string[] = [];
        for await (const { path } of usage.from('proxied').streamUsage()) paths.push(path);
        expect(paths.sort()).toEqual(
          Array.from({ length: requests }, (_, id) => `/cats/${id}`).sort(),
        );
        const sums = await usage.from('proxied').getSum('status', { target: '200' });
        expect(sums.day.reduce((total, { hits }) => total + hits, 0)).toBe(requests);
        expect(await storage.verifySummaries!()).toEqual([]);
        await close();
      },
    );
  });
});
