import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { sumRoutes, sumStatuses, type UsageRecord } from 'nestjs-track-usage';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { amount } from '../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { contextOf } from '../support/storage-context.js';
import { ChildApplication, type Ending } from './child-application.js';
import {
  clickhouse,
  createStorage,
  mongodb,
  newPlace,
  postgres,
  sqlite,
  type Database,
} from './databases.js';
import { Load } from './load.js';
import { describeDatabases } from './with-databases.js';

/** `npm run kills` sets how many to measure. */
const MEASURED = Number(process.env['TRACK_USAGE_TEST_KILLS']) || 0;
const KILLS = MEASURED || amount({ few: 3, many: 9 });
const TIMEOUT_MS = 240_000 + MEASURED * 20_000;
const RATE = MEASURED ? 500 : Infinity;

const directory = mkdtempSync(join(tmpdir(), 'track-usage-kills-'));
const running = new Set<ChildApplication>();
beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterEach(() => {
  for (const app of running) app.kill();
  running.clear();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Goes before the machine's other processes, as if it were idle, where that is permitted. */
const first = (() => {
  if (!MEASURED) return [];
  try {
    execFileSync('chrt', ['-f', '-p', '5', String(process.pid)], { stdio: 'ignore' });
    return ['chrt', '-f', '10'];
  } catch {
    return [];
  }
})();

type StartSettings = Omit<Parameters<typeof ChildApplication.start>[0], 'within'>;

async function start(settings: StartSettings): Promise<ChildApplication> {
  const app = await ChildApplication.start({ ...settings, within: first });
  running.add(app);
  return app;
}

/** Waits until the applications have stored all that the journal had. */
async function settled(...apps: readonly ChildApplication[]): Promise<void> {
  for (const app of apps)
    await vi.waitFor(
      async () => {
        expect((await app.stats()).waiting).toBe(0);
        expect(await app.journal()).toMatchObject({ segments: 0, unreadable: 0, memoryOnly: 0 });
      },
      { timeout: TIMEOUT_MS, interval: 100 },
    );
}

/** What the database has of each path, and that its sums agree. */
async function storedPaths(database: Database, url: string, place: string): Promise<string[]> {
  const hooks = [sumRoutes, sumStatuses];
  const storage = createStorage(database.recipe(url, place), { hooks });
  await storage.open!(contextOf(hooks));
  const records: UsageRecord[] = [];
  for await (const record of storage.streamUsage!()) records.push(record);
  expect(await storage.verifySummaries!()).toEqual([]);
  // MongoDB counts what a killed process had begun to store once that process's lease is over.
  await vi.waitFor(
    async () => {
      const { month } = await storage.getSum!('status');
      expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(records.length);
    },
    { timeout: TIMEOUT_MS / 2, interval: 100 },
  );
  await storage.close!();
  return records.map(({ path }) => path);
}

/** Answers of processes that have died. */
class Answers {
  /** How long before the death each had come, in milliseconds. */
  readonly before = new Map<string, number>();
  /** Those after which their client was answered again: by a later turn of the event loop. */
  readonly certain: string[] = [];
  private seconds = 0;
  private deaths = 0;

  /** Lets a process die under load. */
  async ofDeath(app: ChildApplication, by: Ending, afterMs: number): Promise<void> {
    const load = new Load(app.url, 16, `/cats/${this.deaths++}-`, RATE);
    const begun = performance.now();
    const loaded = load.run();
    await delay(afterMs);
    const diedAt = performance.now();
    await app.end(by);
    running.delete(app);
    await loaded;
    this.seconds += (diedAt - begun) / 1000;
    for (const [path, at] of load.answeredAt) {
      this.before.set(path, diedAt - at);
      if (!load.last.has(path)) this.certain.push(path);
    }
  }

  /** None of those that are certain is lost, none is doubled; measured: nothing beyond 5 ms. */
  check(stored: readonly string[], name: string): void {
    const has = new Set(stored);
    expect(has.size, 'doubled').toBe(stored.length);
    expect(this.certain.length).toBeGreaterThan(0);
    expect(this.certain.filter((path) => !has.has(path))).toEqual([]);
    if (!MEASURED) return;
    const lost = [...this.before].filter(([path]) => !has.has(path)).map(([, ms]) => ms);
    const late = [...this.before.values()].filter((ms) => ms <= 5).length;
    console.log(
      `${name}: ${this.deaths} deaths, ${this.before.size} answers, ` +
        `${Math.round(this.before.size / this.seconds)} a second, ${late} of them in the last 5 ms or ` +
        `later; lost ${lost.length}, ` +
        `ms before the death: ${lost.map((ms) => ms.toFixed(1)).join(', ') || 'none'}`,
    );
    expect(lost.filter((ms) => ms > 5)).toEqual([]);
  }
}

/** At which moment a process dies: under load, then twice while it sends what was left. */
const deathAfterMs = (death: number) =>
  death % 3 === 0 ? 100 + Math.random() * 1400 : Math.random() * 50;

describeDatabases([sqlite, postgres, mongodb, clickhouse], (database, url) => {
  it(
    'has each request of a killed process, once, and so of those that are killed while they send them',
    async () => {
      const place = newPlace();
      const settings = {
        recipe: database.recipe(url, place),
        delivery: { journal: { directory: join(directory, place) } },
        sums: true,
      };
      const answers = new Answers();
      try {
        for (let kill = 0; kill < KILLS; kill++)
          await answers.ofDeath(await start(settings), 'SIGKILL', deathAfterMs(kill));
        const last = await start(settings);
        await settled(last);
        await last.end('close');
        answers.check(await storedPaths(database, url, place), database.name);
      } finally {
        await database.remove(url, place);
      }
    },
    TIMEOUT_MS,
  );
});

describe('Of two processes that start at once over what a killed one has left', () => {
  it(
    'each record is sent by one',
    async () => {
      const place = newPlace();
      const settings = {
        recipe: sqlite.recipe('', place),
        delivery: { journal: { directory: join(directory, place) } },
        sums: true,
      };
      try {
        // Nothing is stored before the end.
        const delivery = { ...settings.delivery, flushInterval: 600_000, batchSize: 10_000 };
        const dying = await start({ ...settings, delivery });
        await new Load(dying.url, 4).run(200);
        // Whoever is answered now was answered by a later turn than the last of them.
        expect((await dying.stats()).seen).toBe(200);
        await dying.end('SIGKILL');
        const both = await Promise.all([start(settings), start(settings)]);
        await settled(...both);
        const replayed = await Promise.all(both.map(async (app) => (await app.journal()).replayed));
        expect(replayed.sort()).toEqual([0, 200]);
        for (const app of both) await app.end('close');
        const stored = await storedPaths(sqlite, '', place);
        expect(stored).toHaveLength(200);
        expect(new Set(stored).size).toBe(200);
      } finally {
        await sqlite.remove('', place);
      }
    },
    TIMEOUT_MS,
  );
});

describe('A process that dies of its own fault', () => {
  it.each(['exit', 'exception', 'memory'] as const)(
    'by %s leaves its records in the journal, and the next one stores them',
    async (by) => {
      const place = newPlace();
      const settings = {
        // Nothing is stored before the end.
        delivery: { journal: { directory: join(directory, place) }, flushInterval: 600_000 },
        execArgv: ['--max-old-space-size=64'],
      };
      const dying = await start({ ...settings, recipe: { className: 'dead' } });
      const load = new Load(dying.url, 4);
      await load.run(60);
      expect((await dying.stats()).stored).toBe(0);
      const { code, signal } = await dying.end(by);
      expect([code, signal]).not.toEqual([0, null]);
      const next = await start({ ...settings, recipe: { className: 'kept' } });
      await settled(next);
      expect(await next.stats()).toMatchObject({ seen: 60, stored: 60, waiting: 0 });
      expect((await next.journal()).replayed).toBe(60);
      await next.end('close');
    },
    TIMEOUT_MS,
  );

  it.runIf(MEASURED > 0).each(['exit', 'exception', 'memory'] as const)(
    'by %s under load has each request of which there was an answer, once',
    async (by) => {
      const place = newPlace();
      const settings = {
        recipe: sqlite.recipe('', place),
        delivery: { journal: { directory: join(directory, place) } },
        execArgv: ['--max-old-space-size=64'],
        sums: true,
      };
      const answers = new Answers();
      try {
        for (let death = 0; death < Math.ceil(KILLS / 2); death++)
          await answers.ofDeath(await start(settings), by, deathAfterMs(death));
        const last = await start(settings);
        await settled(last);
        await last.end('close');
        answers.check(await storedPaths(sqlite, '', place), by);
      } finally {
        await sqlite.remove('', place);
      }
    },
    TIMEOUT_MS,
  );
});
