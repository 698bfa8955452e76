import type { UsageRecord } from 'nestjs-track-usage';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { amount } from '../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { contextOf } from '../support/storage-context.js';
import { ChildApplication } from './child-application.js';
import { createStorage, databases, newPlace } from './databases.js';
import { Load } from './load.js';
import { describeDatabases } from './with-databases.js';

const isCi = process.env['CI'] === 'true';
const WAITING = amount({ few: 500, many: 5000 });
// So that nothing goes out before the end.
const delivery = { flushInterval: 600_000, batchSize: 40_000, shutdownTimeout: 30_000 };

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describeDatabases(isCi ? databases : databases.slice(0, 2), (database, url) => {
  let place: string;
  let application: ChildApplication | undefined;
  beforeEach(() => void (place = newPlace()));
  afterEach(async () => {
    application?.kill();
    await database.remove(url, place);
  });

  async function stored(): Promise<UsageRecord[]> {
    const storage = createStorage(database.recipe(url, place), {});
    await storage.open!(contextOf([], { maxKeys: 1000 }));
    const records: UsageRecord[] = [];
    for await (const record of storage.streamUsage!()) records.push(record);
    await storage.close!();
    return records;
  }

  it.each(
    isCi
      ? ([
          ['SIGTERM', 'express'],
          ['SIGTERM', 'fastify'],
          ['close', 'express'],
        ] as const)
      : ([['SIGTERM', 'express']] as const),
  )(
    `stores every request that was answered when %s ends it under load on %s, with ${WAITING} records waiting`,
    { timeout: 300_000 },
    async (by, platform) => {
      const recipe = database.recipe(url, place);
      application = await ChildApplication.start({ recipe, delivery, platform });
      const load = new Load(application.url);
      const loaded = load.run();
      await vi.waitUntil(() => load.answered.size >= WAITING, { timeout: 60_000 });
      const { waiting, stored: before } = await application.stats();
      expect(waiting).toBeGreaterThanOrEqual(WAITING * 0.99);
      expect(before).toBe(0);

      const begun = performance.now();
      const { code, signal, errors } = await application.end(by);
      await loaded;
      expect({ code, signal, errors }).toEqual(
        by === 'close'
          ? { code: 0, signal: null, errors: '' }
          : { code: null, signal: 'SIGTERM', errors: '' },
      );
      // The limit of the shutdown, and what it takes to end the last requests and connections.
      expect(performance.now() - begun).toBeLessThan(delivery.shutdownTimeout + 5000);

      const paths = (await stored()).map((record) => record.path);
      expect(new Set(paths).size).toBe(paths.length);
      const missing = [...load.answered].filter((path) => !paths.includes(path));
      expect(missing).toEqual([]);
      expect(paths.length).toBeGreaterThanOrEqual(WAITING);
    },
  );
});
