import {
  sumStatuses,
  sumUrls,
  type ReportQuery,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { databases } from '../faults/databases.js';
import { openingAt } from '../faults/opening-at.js';
import { partsOf, partsWhere, reported } from '../faults/parts-of-storage.js';
import { describeDatabases } from '../faults/with-databases.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 10, 8);
const BOTH = [sumUrls, sumStatuses];
const RANGE = { startDate: new Date(START), endDate: new Date(START + 2 * HOUR - 1) };
/** No record may be younger, so that the sums of the last hour answer. */
const ASKED: ReportQuery = { dimensions: ['status'], metrics: ['hits', 'p95'], ...RANGE };

/** Records of one hour, the last of them at its end. */
function traffic(count: number, hour: number, status: number): UsageRecord[] {
  return makeRecords(count, (index) => ({
    date: new Date(START + hour * HOUR + 1000 * index),
    status,
  }));
}

/** The parts of a storage where something happens before a summary's rows are first scanned. */
function partsWhereScanned(
  storage: UsageStorage,
  summary: string,
  happens: () => Promise<unknown>,
): BaseStorageParts {
  let happened: Promise<unknown> | null = null;
  return partsWhere(storage, async (reading, { dimension }) => {
    // Those of other periods are scanned at once.
    if (reading === 'scan' && dimension === summary) await (happened ??= happens());
  });
}

async function hitsByStatus(parts: BaseStorageParts): Promise<Record<string, unknown>> {
  const { rows, source } = await reported(parts, ASKED);
  const hits = rows.map((row) => [row['status'], row['hits']]);
  return { source, ...Object.fromEntries(hits) };
}

describeDatabases(databases, (database, url) => {
  const open = openingAt(database, url);

  it('reads the rows of sums once where these are complete', async () => {
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    const readings: string[] = [];
    const parts = partsWhere(storage, (reading, { dimension, period }) => {
      if (dimension === 'status' && period === 'hour') readings.push(reading);
    });
    const { rows, source } = await reported(parts, { dimensions: ['status'], ...RANGE });
    expect(source).toBe('summaries');
    expect(rows).toEqual([
      { status: 200, hits: 5 },
      { status: 404, hits: 3 },
    ]);
    expect(readings).toEqual(['scan']);
  });

  it('counts requests anew that came while they were added up', async () => {
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    const more = () => storage.store(traffic(2, 0, 200));
    const { sums, ...parts } = partsWhereScanned(storage, '_records', more);
    // A storage that tells the total with the rows is not asked for it afterwards.
    const asked = { ...parts, sums: { ...sums, tellsTotal: false } };
    expect(await hitsByStatus(asked)).toMatchObject({ 200: 7, 404: 3 });
  });

  it('does not take what is stored meanwhile for what a summary lacks', async () => {
    await (await open([sumUrls])).store(traffic(2, 0, 200));
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    const more = () => storage.store(traffic(2, 0, 200));
    const parts = partsWhereScanned(storage, 'status', more);
    expect(await hitsByStatus(parts)).toMatchObject({ 200: 9, 404: 3 });
  });

  it('counts records where a summary has no row yet', async () => {
    await (await open([sumUrls])).store(traffic(2, 1, 200));
    const storage = await open(BOTH);
    expect(await hitsByStatus(partsOf(storage))).toMatchObject({ 200: 2 });
  });

  it('counts records of before a summary was kept, each time', async () => {
    await (await open([sumUrls])).store(traffic(2, 0, 200));
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    for (const time of ['first', 'second'])
      expect([time, await hitsByStatus(partsOf(storage))]).toEqual([
        time,
        expect.objectContaining({ 200: 7, 404: 3 }),
      ]);
  });
});

describe('Reports of which sums are pruned meanwhile', () => {
  describeDatabases(databases.slice(0, 1), (database, url) => {
    const open = openingAt(database, url);

    it('are counted from records', async () => {
      const storage = await open(BOTH);
      await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
      const prune = () => storage.prune({ hour: new Date(START + HOUR) });
      const parts = partsWhereScanned(storage, 'status', prune);
      expect(await hitsByStatus(parts)).toEqual({ source: 'both', 200: 5, 404: 3 });
    });
  });
});
