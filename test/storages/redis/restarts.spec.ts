import { RedisStorage } from 'nestjs-track-usage/redis';
import { afterEach, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { contextOf } from '../../support/storage-context.js';
import { describeWithBinary, RedisServer } from './redis-server.js';

const RECORDS = process.env['CI'] === 'true' ? 20_000 : 4000;
const CONTEXT = contextOf([sumUrls], { logger: console, maxKeys: 1000 });

describeWithBinary('A Redis that is killed and started again under load', () => {
  let server: RedisServer | undefined;
  afterEach(async () => {
    await server?.remove();
  });

  it('has every record once, and sums that say so', { timeout: 60_000 }, async () => {
    // What is acknowledged is on the disk, so that only what is under way can be lost.
    server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
    const storage = new RedisStorage({ url: server.url });
    await storage.open(CONTEXT);
    const { delivery } = startDelivery([storage], { batchSize: 100, flushInterval: 5 });

    for (let made = 0; made < RECORDS; made += 50) {
      for (let i = 0; i < 50; i++)
        delivery.record(makeRecord({ url: `http://shop.example/${i % 7}` }), null);
      if (made === RECORDS / 4 || made === RECORDS / 2) {
        await server.kill();
        // It stays away for as long as the delivery needs to notice.
        await until(() => countsOf(delivery, storage).lastError !== null);
        await server.run();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await delivery.flush(50_000)).toBe(true);
    const { seen, stored, dropped } = countsOf(delivery, storage);
    expect({ seen, stored, dropped }).toMatchObject({
      seen: RECORDS,
      stored: RECORDS,
      dropped: {},
    });
    expect(await storage.countUsage()).toBe(RECORDS);
    const { month } = await storage.getSum('url');
    expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(RECORDS);
    expect(await storage.verifySummaries()).toEqual([]);
    await delivery.shutdown();
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
