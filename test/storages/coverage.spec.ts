import {
  sumStatuses,
  sumUrls,
  type SummaryHook,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { completeBuckets } from '../../lib/storages/base/coverage.js';
import { summariesOf } from '../../lib/summary/index.js';
import { createStorage, databases, newPlace } from '../faults/databases.js';
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
async function completeHours(storage: UsageStorage, summary: string): Promise<number[]> {
  const parts = (storage as unknown as { use(): BaseStorageParts }).use();
  const range = { first: START, last: START + 3 * HOUR - 1 };
  const spans = await completeBuckets(parts, { summary, period: 'hour', ...range, needs: 'all' });
  return [0, 1, 2].filter((hour) =>
    spans.some(({ start, end }) => start <= START + hour * HOUR && START + hour * HOUR < end),
  );
}

async function hitsByStatus(storage: Required<UsageStorage>): Promise<Record<string, number>> {
  const { rows } = await storage.report({ dimensions: ['status'], metrics: ['hits'] });
  return Object.fromEntries(rows.map(({ status, hits }) => [status, hits]));
}

describe('Beside a process that keeps fewer summaries', () => {
  describeDatabases(databases, (database, url) => {
    const opened: UsageStorage[] = [];
    let place = newPlace();

    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close!();
      await database.remove(url, place);
      place = newPlace();
    });

    async function open(hooks: readonly SummaryHook[]): Promise<Required<UsageStorage>> {
      const storage = createStorage(database.recipe(url, place), { hooks });
      const logger = { log() {}, warn() {}, error() {} };
      const settings = { timeZone: 'UTC', maxKeys: 1000 };
      await storage.open!({ logger, summaries: summariesOf(hooks), ...settings });
      opened.push(storage);
      return storage as Required<UsageStorage>;
    }

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
