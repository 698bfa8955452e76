import {
  sumServer,
  sumStatuses,
  sumUrls,
  type SummaryHook,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { completeBuckets, type CoverageQuery } from '../../lib/storages/base/coverage.js';
import { readCoverage } from '../../lib/storages/base/coverage-note.js';
import { LAST_INSTANT, summariesOf } from '../../lib/summary/index.js';
import { createStorage, newPlace, releasedDatabases } from '../faults/databases.js';
import { partsOf } from '../faults/parts-of-storage.js';
import { describeDatabases } from '../faults/with-databases.js';
import { ReleasedVersion } from './released-version.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 10, 8);
const SETTINGS = { timeZone: 'UTC', maxKeys: 1000 };
const NAMES = ['sumUrls', 'sumStatuses'];
const SAME = [sumUrls, sumStatuses];

/** Records of one hour. */
function traffic(hour: number, count = 3): UsageRecord[] {
  return makeRecords(count, (index) => ({ date: new Date(START + hour * HOUR + index) }));
}

/** The hours in which a summary is known to be complete, of the first eight. */
async function completeHours(
  storage: UsageStorage,
  { dimension }: SummaryHook,
  needs: CoverageQuery['needs'] = 'all',
): Promise<number[]> {
  const query = { summary: dimension, period: 'hour', first: START, last: START + 8 * HOUR - 1 };
  const spans = await completeBuckets(partsOf(storage), { ...query, needs } as CoverageQuery);
  const hours = Array.from({ length: 8 }, (_, hour) => START + hour * HOUR);
  return hours.flatMap((start, hour) =>
    spans.some((span) => span.start <= start && start < span.end) ? [hour] : [],
  );
}

describe('Beside version 0.1.0, sums are taken for complete', () => {
  describeDatabases(releasedDatabases, (database, url) => {
    const opened: UsageStorage[] = [];
    let released: ReleasedVersion | null = null;
    let place = newPlace();

    afterEach(async () => {
      released?.end();
      released = null;
      for (const storage of opened.splice(0)) await storage.close!();
      await database.remove(url, place);
      place = newPlace();
    });

    async function open(hooks: readonly SummaryHook[]): Promise<Required<UsageStorage>> {
      const storage = createStorage(database.recipe(url, place), { hooks });
      const logger = { log() {}, warn() {}, error() {} };
      await storage.open!({ logger, summaries: summariesOf(hooks), ...SETTINGS });
      opened.push(storage);
      return storage as Required<UsageStorage>;
    }

    async function openReleased(hooks: readonly string[]): Promise<ReleasedVersion> {
      released = await ReleasedVersion.start('0.1.0');
      await released.open(database.recipe(url, place), { ...SETTINGS, hooks });
      return released;
    }

    it('where it has written nothing, or nothing that they lack', { timeout: 60_000 }, async () => {
      const storage = await open([...SAME, sumServer]);
      await storage.store(traffic(0));
      await storage.store(traffic(1));
      const older = await openReleased(NAMES);
      await older.store(traffic(1));
      await older.store(traffic(2));
      const untouched = [0, 3, 4, 5, 6, 7];
      expect(await completeHours(storage, sumStatuses)).toEqual(untouched);
      expect(await completeHours(storage, sumServer)).toEqual(untouched);
      expect(await completeHours(storage, sumServer, 'format1')).toEqual(untouched);
      const all = [0, 1, 2, 3, 4, 5, 6, 7];
      expect(await completeHours(storage, sumStatuses, 'format1')).toEqual(all);
      expect(await completeHours(storage, sumUrls, 'format1')).toEqual(all);

      // A part of what it wrote into is counted again, which takes away what showed the rest.
      await storage.rebuildSummaries({
        startDate: new Date(START + 2 * HOUR),
        endDate: new Date(START + 3 * HOUR - 1),
      });
      expect(await completeHours(storage, sumServer)).toEqual([2]);
      await storage.rebuildSummaries();
      for (const hook of [sumUrls, sumServer, sumStatuses])
        expect(await completeHours(storage, hook)).toEqual(all);
      expect(await storage.verifySummaries()).toEqual([]);
    });

    it('where it came first, once they are rebuilt', { timeout: 60_000 }, async () => {
      const older = await openReleased(NAMES);
      await older.store(traffic(0));
      const storage = await open(SAME);
      await storage.store(traffic(1));
      const { since } = (await readCoverage(partsOf(storage).values))!;
      expect(since! - Date.now()).toBeGreaterThan(-60_000);
      expect(since! % HOUR).toBe(0);
      expect(await completeHours(storage, sumUrls, 'format1')).toEqual([]);
      await storage.rebuildSummaries();
      expect(await completeHours(storage, sumUrls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await older.store(traffic(3));
      expect(await completeHours(storage, sumUrls)).toEqual([0, 1, 2, 4, 5, 6, 7]);
    });

    it('and beside a process that keeps none, where it has not stored', async () => {
      const storage = await open(SAME);
      const bare = await open([]);
      expect((await readCoverage(partsOf(storage).values))?.since).toBe(-LAST_INSTANT);
      await storage.store([...traffic(0), ...traffic(4)]);
      await bare.store([...traffic(2), ...traffic(3)]);
      await bare.store(traffic(3));
      expect(await completeHours(storage, sumStatuses)).toEqual([0, 1, 4, 5, 6, 7]);
      const added = await open([...SAME, sumServer]);
      await added.store(traffic(7));
      expect(await completeHours(added, sumServer)).toEqual([1, 5, 6, 7]);
      await added.rebuildSummaries();
      expect(await completeHours(added, sumServer)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await expect(storage.getSum('_records')).rejects.toThrow(
        /keeps no summary '_records' \(it keeps only 'status', 'url'\)/,
      );
    });
  });
});
