import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { SqliteStorage, sumRoutes, sumUrls } from 'nestjs-track-usage';
import { makeRecord, makeRecords, storageContract } from 'nestjs-track-usage/testing';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { WriteThread } from '../../../lib/storages/sql/threads/write-thread.js';
import { opening } from '../../../lib/testing/contract/opening.js';
import { temporaryFolder } from './places.js';

// They share their rows in the sums, and differ in latency.
const ofOneRoute = () =>
  Array.from({ length: 20 }, (_, at) => makeRecord({ speed: 1.5 ** at / 1000 }));

const tools = { describe, it, afterEach };
const folder = temporaryFolder();
afterAll(() => folder.remove());

const subject = {
  shared: true,
  create: (place: string, options: object) =>
    new SqliteStorage({ ...options, database: join(folder.path, `${place}.sqlite`) }),
};

describe('A thread that writes to SQLite', () => {
  const open = opening(tools, subject);
  const spiedWrites = vi.spyOn(WriteThread.prototype, 'write');

  storageContract(tools, 'SqliteStorage', subject);

  it('is what writes to a file of the storage', async () => {
    spiedWrites.mockClear();
    const storage = await open();
    await storage.store(makeRecords(3));
    expect(spiedWrites).toHaveBeenCalledTimes(1);
  });

  it('is replaced when it dies, and nothing is stored twice', async () => {
    const workers: Worker[] = [];
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
      this: Worker,
      ...sent
    ) {
      workers.push(this);
      post.mockRestore();
      this.postMessage(...(sent as [unknown]));
      void this.terminate();
    });
    const storage = await open({ hooks: [sumUrls] });
    const records = makeRecords(500);
    await storage.store(records).catch(() => {});
    expect(workers).toHaveLength(1);
    await storage.store(records);
    expect(await storage.countUsage()).toBe(500);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('reads in another thread after the one that nobody had used for a while has ended', async () => {
    const storage = await open();
    await storage.store(makeRecords(3));
    const post = vi.spyOn(Worker.prototype, 'postMessage');
    const readers = () => {
      const reads = post.mock.calls.flatMap(([sent], at) =>
        (sent as { kind: string }).kind === 'read' ? [post.mock.contexts[at]] : [],
      );
      return new Set(reads);
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      expect(await storage.countUsage()).toBe(3);
      vi.advanceTimersByTime(9_000);
      expect(await storage.countUsage()).toBe(3);
      expect(readers().size).toBe(1);
      vi.advanceTimersByTime(10_000);
      expect(await storage.countUsage()).toBe(3);
      expect(readers().size).toBe(2);
    } finally {
      vi.useRealTimers();
      post.mockRestore();
    }
  });

  it('adds to what others have written since its last batch', async () => {
    const [hooks, place] = [[sumRoutes], open.place()];
    const [one, other] = [await open({ hooks, place }), await open({ hooks, place })];
    for (let round = 0; round < 3; round++) {
      await one.store(ofOneRoute());
      await one.store(ofOneRoute());
      await other.store(ofOneRoute());
    }
    await other.rebuildSummaries();
    await one.store(ofOneRoute());
    expect(await one.countUsage()).toBe(200);
    expect(await one.verifySummaries()).toEqual([]);
  });

  it('remembers nothing of a batch that failed', async () => {
    const storage = await open({ hooks: [sumRoutes] });
    const records = [...ofOneRoute(), ...ofOneRoute()];
    await storage.store(records.slice(0, 20));
    // The first twenty are there already: the batch fails once, and goes on without them.
    await storage.store(records);
    await storage.store(ofOneRoute());
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('leaves the event loop to others while it writes', async () => {
    const storage = await open({ hooks: [sumUrls] });
    const stored = storage.store(makeRecords(5000));
    let turns = 0;
    let done = false;
    void stored.then(() => (done = true));
    while (!done) {
      await delay(1);
      turns++;
    }
    // In this thread there would have been none between the call and its end.
    expect(turns).toBeGreaterThan(3);
  });
});
