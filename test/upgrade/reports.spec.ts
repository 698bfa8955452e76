import {
  sumBasic,
  sumBy,
  sumConsumers,
  sumRoutes,
  sumStatuses,
  UsageQueryError,
  type ReportQuery,
  type UsageHook,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { afterEach, describe, expect, it } from 'vitest';
import { createStorage, newPlace, releasedDatabases } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import {
  assertReport,
  randomNumbers,
  randomQuestion,
  randomTraffic,
} from '../support/contract-parts.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const SETTINGS = { timeZone: 'Europe/Berlin', maxKeys: 1000 };
const RELEASED_HOOKS = ['sumBasic', 'sumRoutes', 'sumStatuses'];
const SAME: readonly UsageHook[] = [sumBasic, sumRoutes, sumStatuses];
const MORE = [...SAME, sumConsumers, sumBy('route', 'status'), sumBy('consumer', 'route')];
const QUESTIONS = 15;

/** Whole months, as the calendar of the zone has them, of what version 0.1.0 measures too. */
const MONTHS: ReportQuery = {
  metrics: ['hits', 'transfer', 'errors', 'mean', 'p95'],
  dimensions: ['route'],
  startDate: new Date(Date.UTC(2026, 0, 31, 23)),
  endDate: new Date(Date.UTC(2026, 2, 31, 22) - 1),
};

describe('Reports on what version 0.1.0 has stored equal a count of the records', () => {
  describeDatabases(releasedDatabases, (database, url) => {
    const places: string[] = [];
    const opened: UsageStorage[] = [];
    let released: ReleasedVersion | null = null;
    let seed = 0;

    async function prepare() {
      const place = newPlace();
      places.push(place);
      const recipe = database.recipe(url, place);
      released = await ReleasedVersion.start('0.1.0');
      await released.open(recipe, { ...SETTINGS, hooks: RELEASED_HOOKS });
      const open = async (hooks: readonly UsageHook[]) => {
        const storage = createStorage(recipe, { hooks });
        await storage.open!(contextOf(hooks, SETTINGS));
        opened.push(storage);
        return storage as Required<UsageStorage>;
      };
      const random = randomNumbers(1000 + seed++);
      const traffic = (count: number) => randomTraffic(count, random);
      return { released, open, random, traffic };
    }

    afterEach(async () => {
      released?.end();
      for (const storage of opened.splice(0)) await storage.close!();
      for (const place of places.splice(0)) await database.remove(url, place);
    });

    async function ask(storage: Required<UsageStorage>, query: ReportQuery) {
      return storage.report(query).catch((error: unknown) => {
        if (error instanceof UsageQueryError && error.field === 'startDate') return null;
        throw error;
      });
    }

    /** @param isPruned Whether older records are gone, so that a report may cover less. */
    async function assertReports(
      storage: Required<UsageStorage>,
      records: readonly UsageRecord[],
      random: () => number,
      isPruned = false,
    ): Promise<void> {
      const { timeZone } = SETTINGS;
      const dates = records.map(({ date }) => date);
      const questions = Array.from({ length: QUESTIONS }, () => randomQuestion(random, dates));
      for (const { query: given, matches } of [
        { query: MONTHS, matches: () => true },
        ...questions,
      ]) {
        const query = isPruned ? { ...given, compare: undefined } : given;
        const report = await ask(storage, query);
        if (report === null) expect(isPruned).toBe(true);
        if (report === null) continue;
        const { startDate, endDate } = report.range;
        const range = isPruned ? { startDate, endDate } : { endDate: query.endDate ?? endDate };
        const asked = { ...query, ...range };
        assertReport(report, records, { query: asked, matches, timeZone, now: Date.now() });
      }
    }

    it('with more hooks, while both versions store, and once 0.1.0 is gone', async () => {
      const { released, open, random, traffic } = await prepare();
      const old = traffic(80);
      await released.store(old);
      const storage = await open(MORE);
      await assertReports(storage, old, random);

      const [mine, theirs, both] = [traffic(40), traffic(40), traffic(30)];
      await Promise.all([storage.store(mine), released.store(theirs)]);
      await Promise.all([storage.store(both), released.store(both)]);
      const all = [...old, ...mine, ...theirs, ...both];
      await assertReports(storage, all, random);

      await released.close();
      await storage.rebuildSummaries();
      await assertReports(storage, all, random);
      expect((await storage.report(MONTHS)).source).toBe('summaries');
    });

    it('where records are pruned, as far as sums reach', async () => {
      const { released, open, random, traffic } = await prepare();
      const old = traffic(100);
      await released.store(old);
      await released.close();
      const storage = await open(MORE);
      const added = traffic(40);
      await storage.store(added);
      const all = [...old, ...added];
      const [middle] = all
        .map(({ date }) => date)
        .sort((a, b) => Number(a) - Number(b))
        .slice(70);
      await storage.prune({ records: middle! });
      await assertReports(storage, all, random, true);
    });

    it('with hooks that come and go', async () => {
      const { released, open, random, traffic } = await prepare();
      const parts = [traffic(40), traffic(40), traffic(40), traffic(40)];
      await released.store(parts[0]!);
      const fewer = await open([sumRoutes]);
      await fewer.store(parts[1]!);
      await released.store(parts[2]!);
      await released.close();
      await fewer.close();
      const storage = await open(MORE);
      await storage.store(parts[3]!);
      await assertReports(storage, parts.flat(), random);
    });
  });
});
