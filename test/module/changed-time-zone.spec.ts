import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import {
  SqliteStorage,
  sumStatuses,
  UsageService,
  type TrackUsageModuleOptions,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../storages/sql/places.js';
import { moduleOf } from '../support/applications.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

async function started(options: TrackUsageModuleOptions) {
  const storage = new SqliteStorage({
    database: join(folder.path, 'usage.sqlite'),
    hooks: [sumStatuses],
  });
  const imports = [moduleOf({ track: { ...options, storages: [storage] } })];
  const app = await Test.createTestingModule({ imports }).compile();
  await app.init();
  return { app, storage, usage: app.get(UsageService) };
}

it('An application with another time zone does not start, unless it may cut the sums anew', async () => {
  const before = await started({ timeZone: 'Europe/Zurich' });
  await before.storage.store([makeRecord({ date: new Date('2026-06-15T23:30:00Z') })]);
  await before.app.close();

  await expect(started({ timeZone: 'UTC' })).rejects.toThrow(
    /'UTC'.*'Europe\/Zurich'.*onTimeZoneChange: 'rebuild'/,
  );
  const { app, usage } = await started({ timeZone: 'UTC', onTimeZoneChange: 'rebuild' });
  const { day } = await usage.getSum('status');
  expect(day.map(({ date }) => date)).toEqual([new Date('2026-06-15T00:00:00Z')]);
  await app.close();
});
