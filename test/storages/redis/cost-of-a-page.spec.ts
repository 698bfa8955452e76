import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { describeWithBinary, RedisServer } from './redis-server.js';

const RECORDS = 10_000;
const LIMIT = 10;

/** How often the server ran each command since its statistics were reset. */
async function callsOf(client: Redis): Promise<Map<string, number>> {
  const lines = (await client.info('commandstats')).matchAll(/^cmdstat_(\w+)\S*:calls=(\d+)/gm);
  return new Map([...lines].map(([, command, calls]) => [command!, Number(calls)]));
}

describeWithBinary('A page out of many records of one day', () => {
  let server: RedisServer;
  let admin: Redis;
  let storage: RedisStorage;
  const records = makeRecords(RECORDS, (index) => ({
    date: new Date(Date.UTC(2026, 5, 1) + index),
    username: index % 100 === 0 ? 'ada' : 'tom',
  }));

  beforeEach(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.url);
    storage = new RedisStorage({ url: server.url });
    await storage.open(contextOf([], { logger: console, maxKeys: 10 }));
    for (let at = 0; at < RECORDS; at += 500) await storage.store(records.slice(at, at + 500));
    await admin.config('RESETSTAT');
  });
  afterEach(async () => {
    await storage?.close();
    await admin?.quit();
    await server?.remove();
  });

  const newest = records.toReversed();
  it.each([
    ['the first page', { limit: LIMIT }, newest.slice(0, LIMIT)],
    ['a page far back', { limit: LIMIT, page: 900 }, newest.slice(8990, 9000)],
    [
      'a page of what few records have',
      { limit: LIMIT, page: 3, where: { username: 'ada' } },
      newest.filter(({ username }) => username === 'ada').slice(20, 30),
    ],
    [
      'a page of a few seconds of the day',
      { limit: LIMIT, startDate: records[5000]!.date, endDate: records[5009]!.date },
      records.slice(5000, 5010).toReversed(),
    ],
  ])('%s is read in one step, without a look at any other record', async (_, query, expected) => {
    expect(await storage.getUsage(query)).toEqual(expected);
    const calls = await callsOf(admin);
    expect(calls.get('zrevrange')).toBe(1);
    expect(calls.get('hmget')).toBe(1);
    for (const command of ['keys', 'scan', 'hscan', 'zscan', 'hgetall', 'hvals', 'zrange'])
      expect(calls.get(command), command).toBeUndefined();
    // What it sent: the page, and the few hundred bytes around it.
    const sent = Number(/total_net_output_bytes:(\d+)/.exec(await admin.info('stats'))?.[1]);
    expect(sent).toBeLessThan(100_000);
  });
});
