import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { sumStatuses, sumUrls, type UsageRecord } from 'nestjs-track-usage';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { beforeAll, describe, expect, it } from 'vitest';
import { bruteForce, KEYS, totalsOf } from '../../support/contract-parts.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../../support/built.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace } from './places.js';

const HOOKS = [sumUrls, sumStatuses];
const KILLS = process.env['CI'] === 'true' ? 6 : 2;

const script = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('A process that is killed while it writes to MongoDB', () => {
  describeWithServer('MONGODB', 'on a server', (url) => {
    it('leaves nothing uncounted, and nothing counted twice', { timeout: 60_000 }, async () => {
      const place = `k${randomBytes(6).toString('hex')}`;
      const options = { uri: url, collection: place, summaryCollection: `${place}_s` };
      const records = makeRecords(900, (index) => ({
        date: new Date(Date.UTC(2026, 5, 15, 12) + index * 5_000),
        url: `http://shop.example/${index % 25}`,
        status: [200, 404, 500][index % 3]!,
      }));
      try {
        for (let kill = 0; kill < KILLS; kill++) await killedOnTheWay(options, records, kill);
        expect(await countOf(options)).toBeGreaterThan(0);
        await killedOnTheWay(options, records, null);
        await expectExact(options, records);
      } finally {
        const client = await new MongoClient(url).connect();
        await dropPlace(client.db(), place);
        await client.close();
      }
    });
  });
});

type Options = ConstructorParameters<typeof MongoStorage>[0];

/** Lets a process write, and kills it after some batches, in the middle of one; or lets it end. */
async function killedOnTheWay(
  options: Options,
  records: readonly UsageRecord[],
  kill: number | null,
): Promise<void> {
  const child = fork(script, [JSON.stringify({ options, batchSize: 60 })], { execArgv: [] });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  await once(child, 'message');
  child.send(JSON.stringify(records));
  if (kill === null) {
    expect(await exit).toEqual([0, null]);
    return;
  }
  for (let batches = 0; batches <= kill; batches++) await once(child, 'message');
  // Not to be right: to hit another part of a batch each time.
  await pause(kill * 7);
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

async function opened(options: Options): Promise<MongoStorage> {
  const storage = new MongoStorage({ ...options, hooks: HOOKS });
  await storage.open(contextOf(HOOKS, { maxKeys: 1000 }));
  return storage;
}

async function countOf(options: Options): Promise<number> {
  const storage = await opened(options);
  const count = await storage.countUsage();
  await storage.close();
  return count;
}

async function expectExact(options: Options, records: readonly UsageRecord[]): Promise<void> {
  await expect
    .poll(
      async () => {
        // What starts next finishes what was left.
        const storage = await opened(options);
        const differences = await storage.verifySummaries();
        const counts = [await storage.countUsage(), differences.length];
        const { hour } = await storage.getSum('url', { limit: 10_000 });
        await storage.close();
        return [...counts, totalsOf(hour)];
      },
      { timeout: 10_000, interval: 100 },
    )
    .toEqual([records.length, 0, bruteForce(records, KEYS['url']!, 'hour')]);
}
