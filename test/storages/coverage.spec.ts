import {
  sumStatuses,
  sumUrls,
  type SummaryHook,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { completeBuckets } from '../../lib/storages/base/coverage.js';
import { readCoverage } from '../../lib/storages/base/coverage-note.js';
import { sumIncrements } from '../../lib/storages/sql/summaries/sum-mapper.js';
import { summariesOf, Summarizer, unmeasured } from '../../lib/summary/index.js';
import { databases, mongodb, sqlite } from '../faults/databases.js';
import { openingAt } from '../faults/opening-at.js';
import { partsOf } from '../faults/parts-of-storage.js';
import { describeDatabases } from '../faults/with-databases.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 10, 8);
const BOTH = [sumUrls, sumStatuses];

/** Two records of one hour. */
function traffic(hour: number, status: number, username: string | null = null): UsageRecord[] {
  return makeRecords(2, (index) => ({
    date: new Date(START + hour * HOUR + index),
    status,
    username,
  }));
}

/** The hours in which a summary is known to be complete, of the first three. */
async function completeHours(
  storage: UsageStorage,
  summary: string,
  parts = partsOf(storage),
): Promise<number[]> {
  const range = { first: START, last: START + 3 * HOUR - 1 };
  const spans = await completeBuckets(parts, { summary, period: 'hour', ...range, needs: 'all' });
  return [0, 1, 2].filter((hour) =>
    spans.some(({ start, end }) => start <= START + hour * HOUR && START + hour * HOUR < end),
  );
}

/** The parts of a storage where something happens before a summary's sums are first added up. */
function partsWhere(
  storage: UsageStorage,
  summary: string,
  happens: () => Promise<unknown>,
): BaseStorageParts {
  const parts = partsOf(storage);
  let hasHappened = false;
  const { sums } = parts;
  return {
    ...parts,
    sums: {
      page: (query) => sums.page(query),
      scan: (query) => sums.scan(query),
      async totals(query) {
        if (query.dimension === summary && !hasHappened) {
          hasHappened = true;
          await happens();
        }
        return sums.totals(query);
      },
    },
  };
}

/** Stores as version 0.1.0 does: without the later measures, and without the count of records. */
async function storeReleased(bare: UsageStorage, records: readonly UsageRecord[]): Promise<void> {
  const summarizer = new Summarizer({ summaries: [sumUrls], timeZone: 'UTC' });
  const increments = (some: readonly UsageRecord[]) =>
    sumIncrements(summarizer.summarize(some).map(unmeasured));
  await Object.assign(partsOf(bare).writer, { increments }).store(records);
}

async function hitsByStatus(storage: Required<UsageStorage>): Promise<Record<string, number>> {
  const { rows } = await storage.report({ dimensions: ['status'], metrics: ['hits'] });
  return Object.fromEntries(rows.map(({ status, hits }) => [status, hits]));
}

describe('While it is asked which sums are complete', () => {
  const open = openingAt(sqlite, '');

  it('those that are pruned meanwhile are not', async () => {
    const storage = await open(BOTH);
    await storage.store([...traffic(0, 200), ...traffic(1, 200)]);
    const prune = () => storage.prune({ hour: new Date(START + HOUR) });
    const parts = partsWhere(storage, 'url', prune);
    expect(await completeHours(storage, 'status', parts)).toEqual([1, 2]);
  });

  it('a rebuild of others does not hide what version 0.1.0 has written', async () => {
    const storage = await open(BOTH);
    await storage.store([...traffic(0, 200), ...traffic(1, 200)]);
    await storeReleased(await open([]), traffic(0, 500));
    const fewer = await open([sumUrls]);
    const parts = partsWhere(storage, 'url', () => fewer.rebuildSummaries());
    expect(await completeHours(storage, 'status', parts)).toEqual([1, 2]);
  });
});

describe('On a connection of the application', () => {
  it.each([
    ['fewer summaries', [sumUrls], 0],
    ['none', [], 1],
  ])('reports leave out whom a process with %s finished forgetting', async (_, hooks, hour) => {
    const options = { type: 'better-sqlite3', database: ':memory:' } as const;
    const dataSource = await new DataSource(options).initialize();
    const open = async (some: readonly SummaryHook[]) => {
      const storage = new SqlStorage({ dataSource, hooks: some });
      const logger = { log() {}, warn() {}, error() {} };
      const settings = { timeZone: 'UTC', maxKeys: 1000 };
      await storage.open({ logger, summaries: summariesOf(some), ...settings });
      return storage;
    };
    const storage = await open(BOTH);
    await storage.store(traffic(0, 500, 'ada'));
    // As if its process had ended after it noted the month and deleted the records.
    await dataSource.query(`delete from usage_records`);
    const month = Date.UTC(2026, 2, 1);
    await dataSource.query(
      `insert into usage_summaries_buckets (dimension, period, date, keys) ` +
        `values ('(forgetting)', 'month-of', ${month}, 0)`,
    );
    const other = await open(hooks);
    await other.store(traffic(hour, 200));
    expect(await hitsByStatus(storage)).toEqual({ 200: 2 });
    await dataSource.destroy();
  });
});

describe('A process that cannot count all records, because others do in another time zone', () => {
  describeDatabases([mongodb], (database, url) => {
    const open = openingAt(database, url);

    it('notes hours again that a rebuild of others took back before it stored', async () => {
      const storage = await open([sumUrls]);
      const zoned = await open([sumStatuses], { timeZone: 'Asia/Kolkata', isLazy: true });
      const { summarizer, values } = partsOf(zoned);
      const replace = values.replace.bind(values);
      let notes = 0;
      Object.assign(values, {
        async replace(...args: Parameters<typeof replace>) {
          const isReplaced = await replace(...args);
          if (args[0] === 'coverage' && ++notes === 1) await storage.rebuildSummaries();
          return isReplaced;
        },
      });
      // It connects only now, and learns then that it cannot.
      expect(summarizer.countsRecords).toBe(true);
      await zoned.store(traffic(0, 200));
      expect(summarizer.countsRecords).toBe(false);
      const { uncounted } = (await readCoverage(partsOf(storage).values))!;
      expect(uncounted).toEqual([{ start: START, end: START + HOUR }]);
    });
  });
});

describe('Beside a process that keeps fewer summaries', () => {
  describeDatabases(databases, (database, url) => {
    const open = openingAt(database, url);

    it('reports leave out whom that process has forgotten', async () => {
      const storage = await open(BOTH);
      await storage.store([...traffic(0, 500, 'ada'), ...traffic(1, 404)]);
      const fewer = await open([sumUrls]);
      expect(await fewer.forget({ username: 'ada' })).toBe(2);
      await fewer.store(traffic(0, 200));
      expect(await hitsByStatus(storage)).toEqual({ 200: 2, 404: 2 });
      expect(await completeHours(storage, 'status')).toEqual([1, 2]);
      await storage.rebuildSummaries();
      expect(await completeHours(storage, 'status')).toEqual([0, 1, 2]);
    });

    it('sums stay incomplete that its rebuild leaves as they are', async () => {
      const storage = await open(BOTH);
      await storage.store(traffic(0, 500, 'ada'));
      const bare = await open([]);
      await bare.store([...traffic(0, 200), ...traffic(1, 200)]);
      await bare.forget({ username: 'ada' });
      const fewer = await open([sumUrls]);
      await fewer.rebuildSummaries();
      expect(await hitsByStatus(storage)).toEqual({ 200: 4 });
    });
  });
});
