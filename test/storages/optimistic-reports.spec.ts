import {
  sumStatuses,
  sumUrls,
  type ReportQuery,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import type { BaseStorageParts, SumRangeQuery } from '../../lib/storages/base/base-storage.js';
import { parseReportQuery } from '../../lib/storages/base/report/parse-report-query.js';
import { runReport } from '../../lib/storages/base/report/run-report.js';
import { storedSource } from '../../lib/storages/base/report/stored-source.js';
import { databases } from '../faults/databases.js';
import { openingAt } from '../faults/opening-at.js';
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

function partsOf(storage: UsageStorage): BaseStorageParts {
  return (storage as unknown as { use(): BaseStorageParts }).use();
}

type Asked = Pick<SumRangeQuery, 'dimension' | 'period'>;

/** The parts of a storage of which each reading of sums is told first. */
function partsWhere(
  storage: UsageStorage,
  happens: (reading: 'page' | 'scan' | 'totals', query: Asked) => Promise<void> | void,
): BaseStorageParts {
  const parts = partsOf(storage);
  const { sums } = parts;
  return {
    ...parts,
    sums: {
      isMadeOfHours: sums.isMadeOfHours,
      isSequential: sums.isSequential,
      unmeasured: sums.unmeasured && ((query) => sums.unmeasured!(query)),
      async page(query) {
        await happens('page', query);
        return sums.page(query);
      },
      async *scan(query) {
        await happens('scan', query);
        yield* sums.scan(query);
      },
      async totals(query) {
        await happens('totals', query);
        return sums.totals(query);
      },
    },
  };
}

/** The parts of a storage where something happens before a summary's rows are first scanned. */
function partsWhereScanned(
  storage: UsageStorage,
  summary: string,
  happens: () => Promise<unknown>,
): BaseStorageParts {
  let isFirst = true;
  return partsWhere(storage, async (reading, { dimension }) => {
    if (reading !== 'scan' || dimension !== summary || !isFirst) return;
    isFirst = false;
    await happens();
  });
}

async function hitsByStatus(parts: BaseStorageParts): Promise<Record<string, unknown>> {
  const query = parseReportQuery(ASKED);
  const { rows, source } = await runReport(query, storedSource(parts, query, null));
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
    const hits = await hitsByStatus(parts);
    expect(hits).toEqual({ source: 'summaries', 200: 5, 404: 3 });
    expect(readings).toEqual(['scan']);
  });

  it('counts requests anew that came while they were added up', async () => {
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    const more = () => storage.store(traffic(2, 0, 200));
    const parts = partsWhereScanned(storage, '_records', more);
    expect(await hitsByStatus(parts)).toMatchObject({ 200: 7, 404: 3 });
  });

  it('does not take what is stored meanwhile for what a summary lacks', async () => {
    await (await open([sumUrls])).store(traffic(2, 0, 200));
    const storage = await open(BOTH);
    await storage.store([...traffic(5, 0, 200), ...traffic(3, 1, 404)]);
    const more = () => storage.store(traffic(2, 0, 200));
    const parts = partsWhereScanned(storage, 'status', more);
    expect(await hitsByStatus(parts)).toMatchObject({ 200: 9, 404: 3 });
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
