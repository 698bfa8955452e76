import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStorage, type ReportQuery } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf } from '../../support/storage-context.js';

const START = Date.UTC(2026, 4, 1);
const COUNT = 45_000;
const ALIKE = 3000;

describe('A report from the records of an SQLite file that may be stopped', () => {
  let folder: string;
  let storage: SqliteStorage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windows-'));
    storage = new SqliteStorage({ database: join(folder, 'usage.sqlite') });
    await storage.open(contextOf([]));
    const records = Array.from({ length: COUNT }, (_, at) =>
      makeRecord({
        // Some are of one millisecond, across the place where windows of 20,000 would end.
        date: new Date(START + (at >= 24_000 && at < 24_000 + ALIKE ? 24_000 : at) * 7000),
        status: [200, 404, 500][at % 3]!,
        consumer: [null, 'acme', 'globex', 'initech'][at % 4]!,
        speed: (at % 100) / 1000,
        weight: at % 1000 === 0 ? 1.5 : 1,
      }),
    );
    for (let at = 0; at < COUNT; at += 5000) await storage.store(records.slice(at, at + 5000));
  }, 60_000);
  afterAll(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });

  it.each<[string, ReportQuery]>([
    ['of all', { metrics: ['hits', 'p95', 'firstSeen', 'lastSeen'], dimensions: ['status'] }],
    [
      'of a filter, by day, with distinct values',
      {
        metrics: ['hits', 'errorRate', 'consumers'],
        dimensions: ['statusClass'],
        where: { consumer: { not: 'acme' } },
        interval: 'day',
      },
    ],
    [
      'of a part',
      {
        metrics: ['hits', 'max'],
        dimensions: ['consumer', 'status'],
        startDate: new Date(START + 1_000_000),
        endDate: new Date(START + 40_000 * 7000),
      },
    ],
    ['of nothing', { startDate: new Date(START - 2000), endDate: new Date(START - 1000) }],
  ])('is the same as one that runs to its end: %s', async (_, query) => {
    const { signal } = new AbortController();
    const asked = { endDate: new Date(START + COUNT * 7000), ...query };
    expect(await storage.report({ ...asked, signal })).toEqual(await storage.report(asked));
  });
});
