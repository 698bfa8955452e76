import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sumBasic, sumRoutes, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { openStorage } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';
import { RecordSource } from '../records.js';
import { LoopWatch, type LoopHeld } from './loop-watch.js';
import type { SqlitePlace } from './event-loop.js';

/** How long the event loop was held while something was done. */
export interface LoopDelay extends LoopHeld {
  readonly name: string;
  readonly seconds: number;
}

const BATCH_SIZE = 500;
const MONTH_START = Date.UTC(2026, 5, 1);
const MONTH_END = Date.UTC(2026, 6, 1) - 1;
const MONTH = { startDate: new Date(MONTH_START), endDate: new Date(MONTH_END) };

const [place, scratch] = process.argv.slice(2) as [SqlitePlace, string];
const hooks = [...sumBasic, sumRoutes, sumStatuses];
const storage = await openStorage(new SqlStorage({ ...(await connection()), hooks }), hooks);

async function connection() {
  const database = join(scratch, `${place}.sqlite`);
  if (place === 'file') return { database };
  if (place === 'memory') return { database: ':memory:' };
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database,
    enableWAL: place === 'wal',
  });
  return { dataSource: await dataSource.initialize() };
}

const WORK: Record<string, () => Promise<unknown>> = {
  'nothing, for three seconds': () => delay(3000),
  streamUsage: async () => {
    for await (const record of storage.streamUsage()) void record;
  },
  countUsage: () => storage.countUsage(),
  'countUsage of an address': () => storage.countUsage({ where: { remoteAddr: '203.0.113.7' } }),
  'getUsage, 10,000 records': () => storage.getUsage({ limit: 10_000 }),
  'getUsage, the last 500': async () => {
    const pages = Math.ceil((await storage.countUsage()) / 500);
    await storage.getUsage({ limit: 500, page: pages });
  },
  'getSum of a month': () => storage.getSum('remote', { ...MONTH, limit: 10_000 }),
  'getSum by hits': () => storage.getSum('url', { ...MONTH, order: 'hits' }),
  verifySummaries: () => storage.verifySummaries(),
  'forget, 1 of 100 addresses': () => storage.forget({ remoteAddr: '203.0.113.7' }),
  rebuildSummaries: () => storage.rebuildSummaries(),
  'prune half of the records': () =>
    storage.prune({ records: new Date((MONTH_START + MONTH_END) / 2) }),
  'prune all hours': () => storage.prune({ hour: new Date(MONTH_END + 1) }),
};

serveCommands({
  names: () => Object.keys(WORK),
  async fill(size: number) {
    const step = (MONTH_END - MONTH_START) / size;
    const source = new RecordSource(size, (index) => MONTH_START + Math.floor(index * step));
    for (let at = 0; at < size; at += BATCH_SIZE)
      await storage.store(source.batch(Math.min(BATCH_SIZE, size - at)));
  },
  async measure(name: string): Promise<LoopDelay> {
    await delay(100);
    const watch = new LoopWatch();
    const start = performance.now();
    await WORK[name]!();
    const seconds = (performance.now() - start) / 1000;
    return { name, seconds, ...watch.stop() };
  },
});
