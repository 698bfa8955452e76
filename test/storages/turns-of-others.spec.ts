import { setImmediate } from 'node:timers';
import {
  MemoryStorage,
  SqliteStorage,
  type UsageStorage,
  type UsageWhere,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecord } from 'nestjs-track-usage/testing';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { amount } from '../support/amounts.js';
import { contextOf } from '../support/storage-context.js';
import { temporaryFolder } from './sql/places.js';

const RECORDS = amount({ few: 40_000, many: 100_000 });
/** The most records that may be looked at in one turn of the event loop. */
const RECORDS_IN_TURN = 25_000;
const START = Date.UTC(2026, 0, 1);

const NOTHING: UsageWhere = { referrer: { contains: 'nowhere' }, 'trackVar.plan': 'none' };

async function fill(storage: UsageStorage): Promise<void> {
  await storage.open!(contextOf([]));
  for (let at = 0; at < RECORDS; at += 2000) {
    const batch = Array.from({ length: 2000 }, (_, index) =>
      makeRecord({
        // Not in order, as records of several processes are.
        date: new Date(START + (((at + index) * 7919 * 1000) % (RECORDS * 1000))),
        speed: ((at + index) % 997) / 1000,
        referrer: 'https://news.example/',
      }),
    );
    await storage.store(batch);
  }
}

/**
 * Counts the turns of the event loop that others have meanwhile. The clock goes a millisecond
 * further at each look, so that a slice of time ends after as much work on any machine.
 */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  let time = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++time);
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    isOver = true;
    clock.mockRestore();
  }
  return turns;
}

async function assertLeavesTurns(storage: UsageStorage): Promise<void> {
  const streamed = async () => {
    let count = 0;
    for await (const _ of storage.streamUsage!({ where: NOTHING })) count++;
    return count;
  };
  const asked: Record<string, () => Promise<unknown>> = {
    getUsage: () => storage.getUsage!({ where: NOTHING }),
    countUsage: () => storage.countUsage!({ where: NOTHING }),
    streamUsage: streamed,
    slowest: () => storage.getUsage!({ orderBy: { speed: 'desc' }, limit: 100, page: 20 }),
    oldest: () => storage.getUsage!({ orderBy: { date: 'asc' }, where: NOTHING }),
    report: () => storage.report!({ where: NOTHING }),
  };
  for (const [name, ask] of Object.entries(asked)) {
    expect(await turnsDuring(ask), name).toBeGreaterThan(RECORDS / RECORDS_IN_TURN);
  }
  expect(await storage.countUsage!()).toBe(RECORDS);
  expect(await streamed()).toBe(0);
}

describe('A filter that matches nothing of many records leaves turns of the event loop to others', () => {
  it('in memory', { timeout: 240_000 }, async () => {
    const storage = new MemoryStorage();
    await fill(storage);
    await assertLeavesTurns(storage);
  });

  it('on SQLite', { timeout: 240_000 }, async () => {
    const folder = temporaryFolder();
    const storage = new SqliteStorage({ database: join(folder.path, 'usage.sqlite') });
    try {
      await fill(storage);
      await assertLeavesTurns(storage);
    } finally {
      await storage.close();
      folder.remove();
    }
  });

  it('on the application’s connection to SQLite', { timeout: 240_000 }, async () => {
    const options = { type: 'better-sqlite3', database: ':memory:' } as const;
    const dataSource = await new DataSource(options).initialize();
    const storage = new SqlStorage({ dataSource });
    try {
      await fill(storage);
      await assertLeavesTurns(storage);
    } finally {
      await storage.close();
      await dataSource.destroy();
    }
  });
});
