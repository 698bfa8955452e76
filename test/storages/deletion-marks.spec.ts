import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BaseStorage, BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { readCoverage } from '../../lib/storages/base/coverage-note.js';
import { DeletionMarks } from '../../lib/storages/base/deletion-marks.js';
import { noteUncountedSpans, spanOfHour } from '../../lib/storages/base/uncounted-hours.js';
import {
  createStorage,
  mongodb,
  mysql,
  newPlace,
  postgres,
  redis,
  sqlite,
  type Database,
} from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

const HOUR = 3_600_000;
const HOOKS = [sumUrls, sumStatuses];
const thisHour = Math.floor(Date.now() / HOUR) * HOUR;
/** Of the two whole hours before this one. */
const QUESTION = {
  dimensions: ['status'],
  startDate: new Date(thisHour - 2 * HOUR),
  endDate: new Date(thisHour - 1),
};
const ANSWER = { rows: [{ status: 200, hits: 4 }] };

/** An open storage with requests of the last three hours, for each spec. */
function opened(database: Database, url: string) {
  const held = {} as { storage: BaseStorage; parts: BaseStorageParts };
  let place: string;
  beforeEach(async () => {
    place = newPlace();
    const storage = createStorage(database.recipe(url, place), { hooks: HOOKS }) as BaseStorage;
    await storage.open(contextOf(HOOKS));
    await storage.store(
      makeRecords(9, (at) => ({
        date: new Date(thisHour - (at % 3) * HOUR),
        status: at < 3 ? 500 : 200,
      })),
    );
    const parts = (storage as unknown as { use(): BaseStorageParts }).use();
    Object.assign(held, { storage, parts });
  });
  afterEach(async () => {
    await held.storage.close();
    await database.remove(url, place);
  });
  return held;
}

describe('Hours whose records are deleted', () => {
  describeDatabases([sqlite, postgres, mysql, mongodb, redis], (database, url) => {
    const held = opened(database, url);

    it('are answered by sums again, even the latest', async () => {
      const { storage, parts } = held;
      expect(await storage.deleteUsage({ where: { status: 500 } })).toBe(3);
      expect(await readCoverage(parts.values)).toMatchObject({ uncounted: [], deleting: [] });
      expect(await storage.verifySummaries({})).toEqual([]);
      expect(await storage.report(QUESTION)).toMatchObject({ ...ANSWER, source: 'summaries' });
    });

    it('stay marked where others rely on it', async () => {
      const { values } = held.parts;
      const hours = [0, 1, 2].map((ago) => thisHour - ago * HOUR);
      const [one, other] = [new DeletionMarks(held.parts), new DeletionMarks(held.parts)];
      await one.add(hours.slice(0, 2));
      expect(await readCoverage(values)).toMatchObject({
        uncounted: [],
        deleting: [{ start: hours[1], end: hours[0]! + HOUR }],
      });
      // A process without sums stores into the first hour, somebody else deletes in the second one.
      await noteUncountedSpans(values, [spanOfHour(hours[0]!)]);
      await other.add(hours.slice(1));
      await one.add(hours);
      await one.remove();
      const left = [{ start: hours[2], end: hours[0]! + HOUR }];
      expect(await readCoverage(values)).toMatchObject({ uncounted: left });
      await other.remove();
      expect(await readCoverage(values)).toMatchObject({ uncounted: left, deleting: [] });
    });
  });

  describeDatabases([sqlite], (database, url) => {
    const held = opened(database, url);

    it('are counted from records where the sums could not be computed anew', async () => {
      const { storage, parts } = held;
      const rebuild = parts.maintenance.rebuild.bind(parts.maintenance);
      parts.maintenance.rebuild = () => Promise.reject(new Error('the process ends'));
      const deleted = storage.deleteUsage({ where: { status: 500 } });
      await expect(deleted).rejects.toThrow('the process ends');
      parts.maintenance.rebuild = rebuild;
      const { deleting } = (await readCoverage(parts.values))!;
      expect(deleting).toEqual([{ start: thisHour - 2 * HOUR, end: thisHour + HOUR }]);
      expect(await storage.report(QUESTION)).toMatchObject({ ...ANSWER, source: 'records' });
    });
  });
});
