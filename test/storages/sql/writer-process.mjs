// One of several processes that write to one database: opens it, says so, waits for the word to
// begin, stores its records, part of them twice, and ends.
import { sumBasic, sumRoutes, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';

const { options, writer, records: count, batchSize, maxKeys } = JSON.parse(process.argv[2]);
const hooks = [...sumBasic, sumRoutes, sumStatuses];
const storage = new SqlStorage({ ...options, hooks });
await storage.open({
  logger: { log() {}, warn: console.error, error: console.error },
  summaries: hooks,
  timeZone: 'UTC',
  maxKeys,
});
process.send('open');
await new Promise((resolve) => process.once('message', resolve));

const start = Date.UTC(2026, 2, 31, 22);
const records = Array.from({ length: count }, (_, index) => ({
  id: `0197c000-0000-7000-8${String(writer).padStart(3, '0')}-${index.toString(16).padStart(12, '0')}`,
  date: new Date(start + ((index * 7919) % (4 * 3_600_000))),
  url: `http://shop.example/cats/${(index * 31 + writer) % 97}?q=1`,
  path: '/cats',
  method: 'GET',
  protocol: 'HTTP/1.1',
  route: '/cats/:id',
  blueprint: 'CatsController',
  handler: 'findOne',
  viewArgs: {},
  urlArgs: {},
  status: [200, 200, 404, 500][index % 4],
  outcome: 'completed',
  speed: ((index * 104_729) % 1_000_000) / 1e6,
  contentLength: index % 1000,
  remoteAddr: `192.0.2.${index % 20}`,
  xForwardedFor: null,
  referrer: null,
  authorization: false,
  username: null,
  userAgent: {
    browser: 'curl',
    version: `${index % 5}.1`,
    platform: null,
    language: null,
    string: null,
    kind: 'library',
  },
  ipInfo: null,
  visitorId: null,
  serverName: `api-${writer}`,
  trackVar: null,
  weight: 1,
}));

async function store(batch) {
  for (let tries = 1; ; tries++) {
    try {
      return await storage.store(batch);
    } catch (error) {
      // As delivery does: what the database could not take now is sent again.
      if (error.name !== 'StorageUnavailableError' || tries === 20) throw error;
    }
  }
}

for (let at = 0; at < count; at += batchSize) {
  const batch = records.slice(at, at + batchSize);
  await store(batch);
  if ((at / batchSize) % 5 === 0) await store(batch);
}
await storage.close();
process.disconnect();
