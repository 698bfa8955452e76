// One of several writers: makes records that no other makes, stores them in batches, some twice.
import { RedisStorage } from '../../../dist/storages/redis/index.js';
import { sumBasic, sumStatuses, summariesOf } from '../../../dist/summary/index.js';

const { url, keyPrefix, writer, records, maxKeys } = JSON.parse(process.argv[2]);
const hooks = [sumBasic, sumStatuses];
const storage = new RedisStorage({ url, keyPrefix, hooks });
await storage.open({
  logger: console,
  summaries: summariesOf(hooks),
  timeZone: 'UTC',
  maxKeys,
});
process.send('open');
await new Promise((resolve) => process.once('message', resolve));

const START = Date.UTC(2026, 5, 30, 23);
for (let at = 0; at < records; at += 250) {
  const batch = Array.from({ length: Math.min(250, records - at) }, (_, index) =>
    makeRecord(at + index),
  );
  await storage.store(batch);
  if (at % 1000 === 0) await storage.store(batch.slice(100));
}
await storage.close();
process.disconnect();

// Many records of one second, as a busy application has them.
function makeRecord(number) {
  const id = (writer * 1_000_000 + number).toString(16).padStart(12, '0');
  return {
    id: `0197c000-0000-7000-8000-${id}`,
    date: new Date(START + Math.floor(number / 5)),
    url: `http://shop.example/${number % 90}`,
    path: `/${number % 90}`,
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/:id',
    blueprint: 'Shop',
    handler: 'find',
    viewArgs: {},
    urlArgs: {},
    status: number % 10 ? 200 : 500,
    outcome: 'completed',
    speed: (number % 1000) / 1e6,
    contentLength: number,
    remoteAddr: `192.0.2.${writer}`,
    xForwardedFor: null,
    referrer: null,
    authorization: false,
    username: null,
    userAgent: {
      browser: null,
      version: null,
      platform: null,
      language: null,
      string: null,
      kind: 'unknown',
    },
    ipInfo: null,
    visitorId: null,
    serverName: 'api',
    trackVar: null,
    weight: 1,
  };
}
