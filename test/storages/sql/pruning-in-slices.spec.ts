import { join } from 'node:path';
import { summary, sumVisitors } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Eraser } from '../../../lib/storages/sql/eraser.js';
import { SqlValues } from '../../../lib/storages/sql/named-values.js';
import { openSqlite } from '../../../lib/storages/sql/connection/open-sqlite.js';
import type { SqlEngine } from '../../../lib/storages/sql/engines/sql-engine.js';
import type { SqlLayout } from '../../../lib/storages/sql/layout/sql-layout.js';
import type { SqlScript, SqlResult } from '../../../lib/storages/sql/sql-statement.js';
import { pruneSums } from '../../../lib/storages/sql/summaries/prune-sums.js';
import { Summarizer } from '../../../lib/summary/index.js';
import { temporaryFolder } from './places.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const END = Date.UTC(2027, 0, 1);
const MOST_ROWS = 1000;

describe('Pruning and forgetting the sums of an SQL database', () => {
  const folder = temporaryFolder();
  const database = join(folder.path, 'usage.sqlite');
  const sumIds = summary('id', ({ id }) => id);
  const sumServer = summary('server', ({ serverName }) => serverName);
  const context = {
    logger: { log() {}, warn() {}, error() {} },
    timeZone: 'UTC',
    maxKeys: 10_000,
  };
  let storage: SqlStorage;

  beforeAll(async () => {
    storage = new SqlStorage({ database, hooks: [sumIds, sumServer] });
    await storage.open({ ...context, summaries: [sumIds, sumServer] });
  });
  afterAll(async () => {
    await storage.close();
    folder.remove();
  });

  it('deletes hundreds of small buckets by a few transactions', async () => {
    await storage.store(makeRecords(312, (hour) => ({ date: new Date(START + hour * HOUR) })));
    const { counts, transactions } = await pruned();
    // Those of the count of all records are among them.
    expect(counts).toBe(3 * 312);
    expect(transactions.length).toBeLessThanOrEqual(6);
    expect((await storage.getSum('server')).hour).toEqual([]);
    expect((await storage.getSum('server')).month).toHaveLength(1);
  });

  it('deletes a bucket of thousands of rows in slices', async () => {
    await storage.store(makeRecords(2500, { date: new Date(START) }));
    const { counts, transactions } = await pruned();
    expect(counts).toBe(2502);
    for (const rows of transactions) expect(rows).toBeLessThanOrEqual(2 * MOST_ROWS);
    expect((await storage.getSum('id')).hour).toEqual([]);
    // The bucket itself is gone: what comes later counts from nothing.
    await storage.store(makeRecords(1, { date: new Date(START) }));
    expect((await storage.getSum('server')).hour[0]?.hits).toBe(1);
  });

  it('forgets hundreds of rows whose records are gone by a few transactions', async () => {
    const database = join(folder.path, 'visitors.sqlite');
    const hooks = [sumVisitors];
    const visitors = new SqlStorage({ database, hooks });
    await visitors.open({ ...context, summaries: hooks });
    for (const visitorId of ['ada', 'bob'])
      await visitors.store(
        makeRecords(312, (hour) => ({ date: new Date(START + hour * HOUR), visitorId })),
      );
    await visitors.prune({ records: new Date(END) });
    const summarizer = new Summarizer({ summaries: hooks, timeZone: 'UTC', onKeyError: () => {} });
    const { transactions } = await counting(database, (engine, layout) => {
      const values = new SqlValues(engine, layout, async () => {});
      const eraser = new Eraser(engine, layout, summarizer, 10_000, values);
      return eraser.forget({ field: 'visitorId', value: 'ada' });
    });
    expect(transactions.length).toBeLessThan(40);
    const { hour, month } = await visitors.getSum('visitor', { limit: 1000 });
    expect(hour.map(({ key }) => key).sort()).toEqual([
      ...Array<string>(312).fill('(other)'),
      ...Array<string>(312).fill('bob'),
    ]);
    expect(month.map(({ key, hits }) => [key, hits]).sort()).toEqual([
      ['(other)', 312],
      ['bob', 312],
    ]);
    await visitors.close();
  });

  /** Prunes all hours; gives how many rows each transaction wrote, beside the count. */
  async function pruned(): Promise<{ counts: number; transactions: number[] }> {
    const { result, transactions } = await counting(database, (engine, layout) =>
      pruneSums(engine, layout, 'hour', END),
    );
    return { counts: result, transactions };
  }

  /** Does something; gives how many rows each transaction wrote. */
  async function counting<T>(
    file: string,
    work: (engine: SqlEngine, layout: SqlLayout) => Promise<T>,
  ): Promise<{ result: T; transactions: number[] }> {
    const { engine, layout } = await openSqlite({ sqlite: file, owner: 'SqlStorage' }, {}, context);
    const transactions: number[] = [];
    const counting = Object.assign(Object.create(engine) as SqlEngine, {
      transaction: <R>(script: () => SqlScript<R>) =>
        engine.transaction(() => {
          const at = transactions.push(0) - 1;
          return counted(script(), (changes) => void (transactions[at]! += changes));
        }),
    });
    try {
      return { result: await work(counting, layout), transactions };
    } finally {
      await engine.close();
    }
  }
});

function* counted<T>(script: SqlScript<T>, add: (changes: number) => void): SqlScript<T> {
  let step = script.next();
  while (!step.done) {
    const result: SqlResult = yield step.value;
    add(result.changes);
    step = script.next(result);
  }
  return step.value;
}
