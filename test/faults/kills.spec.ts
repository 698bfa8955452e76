import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sumRoutes, sumStatuses, type UsageRecord } from 'nestjs-track-usage';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { amount } from '../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { contextOf } from '../support/storage-context.js';
import { ChildApplication } from './child-application.js';
import { createStorage, mongodb, newPlace, postgres, sqlite, type Database } from './databases.js';
import { Load } from './load.js';
import { describeDatabases } from './with-databases.js';

/** `npm run kills` sets how many to measure. */
const MEASURED = Number(process.env['TRACK_USAGE_TEST_KILLS']) || 0;
const KILLS = MEASURED || amount({ few: 4, many: 10 });
const TIMEOUT_MS = 240_000 + MEASURED * 20_000;
const RATE = MEASURED ? 500 : Infinity;

const directory = mkdtempSync(join(tmpdir(), 'track-usage-kills-'));
let running: ChildApplication | undefined;
beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterEach(() => running?.kill());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Waits until the application has stored all that its journal had. */
async function settled(app: ChildApplication): Promise<void> {
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
  const { month } = await storage.getSum!('status');
  expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(records.length);
  await storage.close!();
  return records.map(({ path }) => path);
}

/** What was lost of what was answered, by how long before the kill; nothing beyond 5 ms. */
function report(name: string, before: ReadonlyMap<string, number>, has: ReadonlySet<string>): void {
  const times = [...before.values()];
  const lost = [...before].filter(([path]) => !has.has(path)).map(([, ms]) => ms);
  const late = times.filter((ms) => ms <= 5).length;
  console.log(
    `${name}: ${KILLS} kills, ${times.length} answers, ${late} of them in the last 5 ms; ` +
      `lost ${lost.length}${lost.length > 0 ? `, at most ${Math.max(...lost).toFixed(1)} ms before the kill` : ''}`,
  );
  expect(lost.filter((ms) => ms > 5)).toEqual([]);
}

describeDatabases([sqlite, postgres, mongodb], (database, url) => {
  it(
    'has each request of a killed process, once, and so of one that is killed while it sends them',
    async () => {
      const place = newPlace();
      const journal = { directory: join(directory, place) };
      const start = () =>
        ChildApplication.start({
          recipe: database.recipe(url, place),
          delivery: { journal },
          sums: true,
        });
      const certain: string[] = [];
      /** How long before the kill each answer had come, in milliseconds. */
      const before = new Map<string, number>();
      try {
        for (let kill = 0; kill < KILLS; kill++) {
          running = await start();
          const load = new Load(running.url, 16, `/cats/${kill}-`, RATE);
          const loaded = load.run();
          // Every other one dies in the middle of what the one before has left.
          await delay(kill % 2 === 0 ? 100 + Math.random() * 1400 : Math.random() * 50);
          const killedAt = performance.now();
          await running.end('SIGKILL');
          await loaded;
          for (const path of load.answered) {
            before.set(path, killedAt - load.answeredAt.get(path)!);
            // After its answer, its client was answered again: by a later turn of the event loop.
            if (!load.last.has(path)) certain.push(path);
          }
        }
        running = await start();
        await settled(running);
        await running.end('close');
        const stored = await storedPaths(database, url, place);
        expect(new Set(stored).size, 'doubled').toBe(stored.length);
        const has = new Set(stored);
        expect(certain.filter((path) => !has.has(path))).toEqual([]);
        expect(certain.length).toBeGreaterThan(0);
        if (MEASURED) report(database.name, before, has);
      } finally {
        await database.remove(url, place);
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
      const dead = { recipe: { className: 'dead' } as const };
      running = await ChildApplication.start({ ...settings, ...dead });
      const load = new Load(running.url, 4);
      await load.run(60);
      expect((await running.stats()).stored).toBe(0);
      const { code, signal } = await running.end(by);
      expect([code, signal]).not.toEqual([0, null]);
      const again = { ...settings, recipe: { className: 'kept' } as const };
      running = await ChildApplication.start(again);
      await vi.waitFor(async () => expect((await running!.journal()).segments).toBe(0), {
        timeout: TIMEOUT_MS,
      });
      expect(await running.stats()).toMatchObject({ seen: 60, stored: 60, waiting: 0 });
      expect((await running.journal()).replayed).toBe(60);
      await running.end('close');
    },
    TIMEOUT_MS,
  );
});
