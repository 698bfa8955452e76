import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { SqliteStorage } from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { join } from 'node:path';
import { opening } from '../../../lib/testing/contract/opening.js';
import { temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const subject = {
  shared: true,
  create: (place: string, options: object) =>
    new SqliteStorage({ ...options, database: join(folder.path, `${place}.sqlite`) }),
};
const BY_STATUS = {
  metrics: ['hits', 'transfer', 'errors', 'p50'],
  dimensions: ['status'],
} as const;

describe('Requests of which some stand for others', () => {
  const open = opening({ describe, it, afterEach }, subject);

  it.each([null, new AbortController().signal])(
    'are counted by their weights when they are first asked for, and later (signal: %s)',
    async (signal) => {
      const storage = await open();
      const asked = { ...BY_STATUS, ...(signal && { signal }) };
      const alike = { contentLength: 100, speed: 0.01 };
      await storage.store(makeRecords(3, { ...alike, status: 200 }));
      const before = await storage.report(asked);
      expect(before.rows).toMatchObject([{ status: 200, hits: 3, transfer: 300 }]);
      await storage.store([
        makeRecord({ ...alike, status: 500, weight: 4 }),
        makeRecord({ ...alike, status: 500 }),
        makeRecord({ ...alike, status: 404, weight: 3 }),
      ]);
      for (let time = 0; time < 2; time++) {
        const { rows, totals } = await storage.report(asked);
        expect(
          [...rows].sort((one, other) => Number(one.status) - Number(other.status)),
        ).toMatchObject([
          { status: 200, hits: 3, transfer: 300, errors: 0 },
          { status: 404, hits: 3, transfer: 300, errors: 0 },
          { status: 500, hits: 5, transfer: 500, errors: 5 },
        ]);
        expect(totals).toMatchObject({ hits: 11, transfer: 1100, errors: 5 });
      }
    },
  );
});
