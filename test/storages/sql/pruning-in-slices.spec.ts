import { join } from 'node:path';
import { summary } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../../lib/storages/sql/connection/open-sqlite.js';
import type { SqlEngine } from '../../../lib/storages/sql/engines/sql-engine.js';
import type { SqlScript, SqlResult } from '../../../lib/storages/sql/sql-statement.js';
import { pruneSums } from '../../../lib/storages/sql/summaries/prune-sums.js';
import { temporaryFolder } from './places.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const END = Date.UTC(2027, 0, 1);
const MOST_ROWS = 1000;

describe('Pruning the sums of an SQL database', () => {
  const folder = temporaryFolder();
  const database = join(folder.path, 'usage.sqlite');
  const sumIds = summary('id', ({ id }) => id);
  const sumServer = summary('server', ({ serverName }) => serverName);
  let storage: SqlStorage;

  beforeAll(async () => {
    storage = new SqlStorage({ database, hooks: [sumIds, sumServer] });
    await storage.open({
      logger: { log() {}, warn() {}, error() {} },
      summaries: [sumIds, sumServer],
      timeZone: 'UTC',
      maxKeys: 10_000,
    });
  });
  afterAll(async () => {
    await storage.close();
    folder.remove();
  });

  it('deletes hundreds of small buckets by a few transactions', async () => {
    await storage.store(makeRecords(312, (hour) => ({ date: new Date(START + hour * HOUR) })));
    const { counts, transactions } = await pruned();
    expect(counts).toBe(2 * 312);
    expect(transactions.length).toBeLessThanOrEqual(6);
    expect((await storage.getSum('server')).hour).toEqual([]);
    expect((await storage.getSum('server')).month).toHaveLength(1);
  });

  it('deletes a bucket of thousands of rows in slices', async () => {
    await storage.store(makeRecords(2500, { date: new Date(START) }));
    const { counts, transactions } = await pruned();
    expect(counts).toBe(2501);
    for (const rows of transactions) expect(rows).toBeLessThanOrEqual(2 * MOST_ROWS);
    expect((await storage.getSum('id')).hour).toEqual([]);
    // The bucket itself is gone: what comes later counts from nothing.
    await storage.store(makeRecords(1, { date: new Date(START) }));
    expect((await storage.getSum('server')).hour[0]?.hits).toBe(1);
  });

  /** Prunes all hours; gives how many rows each transaction wrote, beside the count. */
  async function pruned(): Promise<{ counts: number; transactions: number[] }> {
    const { engine, layout } = await openSqlite(
      { sqlite: database, owner: 'SqlStorage' },
      {},
      { logger: { log() {}, warn() {}, error() {} }, maxKeys: 10_000 },
    );
    const transactions: number[] = [];
    const counting: Pick<SqlEngine, 'transaction' | 'read'> = {
      read: (statement) => engine.read(statement),
      transaction: (script) =>
        engine.transaction(() => {
          const at = transactions.push(0) - 1;
          return counted(script(), (changes) => void (transactions[at]! += changes));
        }),
    };
    try {
      const counts = await pruneSums(counting as SqlEngine, layout, 'hour', END);
      return { counts, transactions };
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
