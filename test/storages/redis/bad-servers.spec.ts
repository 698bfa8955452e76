import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { StorageUnavailableError, sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { contextOf } from '../../support/storage-context.js';
import { describeWithBinary, RedisServer } from './redis-server.js';

const CONTEXT = contextOf([sumUrls], { maxKeys: 100 });

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function redis(...settings: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings);
  ends.push(() => server.remove());
  return server;
}

async function opened(url: string): Promise<RedisStorage> {
  const storage = new RedisStorage({ url });
  await storage.open(CONTEXT);
  ends.push(() => storage.close());
  return storage;
}

/** A server that answers in its own way. */
async function answering(answer: (said: string) => string): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(answer(data.toString())));
    ends.push(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A newer version's note of which sums are complete: this one reads nothing that it tells of. */
const NOTE = '{"version":99}';

/** Answers as an empty Redis does to who opens a storage on it, or refuses to run scripts. */
function refusing(error: () => string | null) {
  let scripts = 0;
  return (said: string) =>
    said
      .split(/(?=\*\d+\r\n)/)
      .map((command) => {
        if (/\r\ninfo\r\n/i.test(command)) return '$9\r\nloading:0\r\n';
        if (!/\r\neval(sha)?\r\n/i.test(command)) return '+OK\r\n';
        const refusal = error();
        if (refusal) return `-${refusal}\r\n`;
        if (command.includes('\r\ncoverage\r\n')) return `*1\r\n$${NOTE.length}\r\n${NOTE}\r\n`;
        // The first makes sure of the keys; what comes after reads lists.
        return scripts++ === 0 ? '+OK\r\n' : '*0\r\n';
      })
      .join('');
}

describeWithBinary('RedisStorage and a server that is not right', () => {
  it('says at start that a password is missing or wrong', async () => {
    const { port } = await redis('--requirepass', 'right');
    const open = (options: object) =>
      new RedisStorage({ host: '127.0.0.1', port, ...options }).open(CONTEXT);
    await expect(open({})).rejects.toThrow(/127\.0\.0\.1:\d+.*wants a password/s);
    await expect(open({ password: 'wrong' })).rejects.toThrow(/does not know this username/);
    await expect(open({ password: 'wrong' })).rejects.not.toThrow(/'wrong'/);
    const storage = await opened(`redis://:right@127.0.0.1:${port}`);
    expect(await storage.countUsage()).toBe(0);
  });

  it('says at start that nothing answers, or something that is not Redis', async () => {
    const nobody = new RedisStorage({ url: 'redis://127.0.0.1:1' });
    await expect(nobody.open(CONTEXT)).rejects.toThrow(
      /127\.0\.0\.1:1.*cannot be reached.*ECONNREFUSED/,
    );
    const html = await answering(() => 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html></html>');
    await expect(new RedisStorage({ url: html }).open(CONTEXT)).rejects.toThrow(/is not Redis/);
  });

  it('says at start that keys of its names are something else', async () => {
    const { url } = await redis();
    const client = new Redis(url);
    ends.push(() => client.quit());
    await client.set('{track-usage}:records', 'x');
    await expect(new RedisStorage({ url }).open(CONTEXT)).rejects.toThrow(/another keyPrefix/);
  });

  it.each([
    ['LOADING Redis is loading the dataset in memory', /loading its data/],
    ['MISCONF Redis is configured to save RDB snapshots', /cannot save to its disk/],
    ['NOPERM this user has no permissions to run evalsha', /ACL/],
    ['MASTERDOWN Link with MASTER is down', /without a master/],
  ])('waits while it says %s', async (refusal, told) => {
    let refuses = false;
    const url = await answering(refusing(() => (refuses ? refusal : null)));
    const storage = await opened(url);
    refuses = true;
    const failure = await storage.store(makeRecords(1)).catch((error: unknown) => error as Error);
    expect(failure).toBeInstanceOf(StorageUnavailableError);
    expect(failure?.message).toMatch(told);
    expect(failure?.message).toContain(refusal);
  });

  it.each([
    ['is out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['is a read-only replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('keeps records while it %s, and stores them after that', async (state, begin, end) => {
    const server = await redis();
    const admin = new Redis(server.url);
    ends.push(() => admin.quit());
    const storage = await opened(server.url);
    const { delivery } = startDelivery([storage], { flushInterval: 1, batchSize: 20 });
    await admin.call(...(begin as [string, ...string[]]));
    const records = makeRecords(50);
    for (const record of records) delivery.record(record, null);
    // The server may close the connection as its role changes, which is an error of its own.
    const isTold = () => countsOf(delivery, storage).lastError?.message.includes(state);
    while (countsOf(delivery, storage).retried < 5 || !isTold())
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 0, waiting: 50, dropped: {} });
    await admin.call(...(end as [string, ...string[]]));
    expect(await delivery.flush(15_000)).toBe(true);
    expect(await storage.getUsage()).toEqual(records.toReversed());
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('ends at once when its server is gone', async () => {
    const server = await redis();
    const storage = await opened(server.url);
    await server.kill();
    await expect(storage.store(makeRecords(1))).rejects.toThrow(StorageUnavailableError);
    const before = performance.now();
    await storage.close();
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it("leaves the application's clients as they are", async () => {
    const { url } = await redis();
    const ioredis = new Redis(url);
    const nodeRedis = createClient({ url });
    ends.push(
      () => ioredis.quit(),
      () => nodeRedis.close(),
    );
    await expect(new RedisStorage({ client: nodeRedis }).open(CONTEXT)).rejects.toThrow(
      /connect\(\)/,
    );
    await nodeRedis.connect();
    await ioredis.ping();
    const listeners = () => [ioredis, nodeRedis].map((client) => client.eventNames().length);
    const before = listeners();
    for (const client of [ioredis, nodeRedis]) {
      const storage = new RedisStorage({ client });
      await storage.open(CONTEXT);
      await storage.store(makeRecords(2));
      await storage.close();
    }
    expect(listeners()).toEqual(before);
    expect(await ioredis.ping()).toBe('PONG');
    expect(await nodeRedis.ping()).toBe('PONG');
  });

  it('keeps the newest records where it may not keep them all', async () => {
    const { url } = await redis();
    const storage = new RedisStorage({ url, maxRecords: 700 });
    await storage.open(CONTEXT);
    ends.push(() => storage.close());
    const records = makeRecords(1900, (index) => ({ username: index % 2 ? 'ada' : null }));
    for (let at = 0; at < 1900; at += 300) await storage.store(records.slice(at, at + 300));
    expect(await storage.countUsage()).toBe(700);
    expect(await storage.getUsage({ limit: 1000 })).toEqual(records.slice(1200).toReversed());
    expect(await storage.countUsage({ where: { username: 'ada' } })).toBe(350);
    const { month } = await storage.getSum('url', { limit: 5000 });
    expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(1900);
  });
});

describe('The options of RedisStorage', () => {
  const client = { evalsha() {}, eval() {} };
  it.each([
    [{ url: undefined }, /url: expected .* but got undefined.*environment variable/],
    [{ url: 'postgres://a:secret@b' }, /url: expected redis:.* 'postgres:\/\/'/],
    [{ url: 'no url secret' }, /url: expected .*not a URL/],
    [{ url: 'redis://a/x' }, /url: expected/],
    [{ client: undefined }, /client: expected a client or cluster .*undefined/],
    [{ client: {} }, /client: expected a client or cluster/],
    [{ client, url: 'redis://a' }, /client: expected none of .* got url/],
    [{ url: 'redis://a', host: 'b' }, /url: expected none of .* got host/],
    [{ host: '' }, /host: expected/],
    [{ host: undefined }, /host: expected .* undefined/],
    [{ port: 70_000 }, /port: expected a port .* 70000/],
    [{ db: -1 }, /db: expected the number of a database, from 0, but got -1/],
    [{ keyPrefix: '' }, /keyPrefix: expected text/],
    [{ password: 5 }, /password: expected text, but got number/],
    [{ tls: 'yes' }, /tls: expected/],
    [{ maxRecords: 0 }, /maxRecords: expected a whole number from 1, but got 0/],
  ])('refuse %o', (options, message) => {
    expect(() => new RedisStorage(options as object)).toThrow(message);
    expect(() => new RedisStorage(options as object)).not.toThrow(/secret/);
  });
});
