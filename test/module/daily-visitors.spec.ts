import { createHmac } from 'node:crypto';
import { get } from 'node:http';
import { join } from 'node:path';
import { Logger, type LoggerService } from '@nestjs/common';
import Database from 'better-sqlite3';
import type { UsageRecord } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../storages/sql/places.js';
import { openApp } from '../support/applications.js';
import { platforms, type TestPlatform } from '../support/platforms.js';

const FIRST_DAY = Date.UTC(2026, 10, 23, 14);
// Past the hour after midnight until which the salt of the day before is kept.
const SECOND_DAY = Date.UTC(2026, 10, 24, 2);
const HOST = 'shop.example';
const AGENTS = ['agent one', 'agent two'];

const folder = temporaryFolder();
const file = join(folder.path, 'usage.sqlite');
const lines: string[] = [];
const note = (...given: unknown[]) => void lines.push(given.map(String).join(' '));
const logger: LoggerService = { log: note, warn: note, error: note, debug: note, verbose: note };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: FIRST_DAY });
});
afterEach(() => {
  vi.useRealTimers();
  Logger.overrideLogger(false);
  folder.remove();
});

/** An application on the shared file, and what it does for a client. */
async function instance(platform: TestPlatform) {
  const app = await openApp(platform, {
    track: { visitors: 'daily', storages: [new SqlStorage({ database: file })] },
  });
  Logger.overrideLogger(logger);
  const { port, usage, url } = app;
  const visit = async (agent: string): Promise<UsageRecord> => {
    await new Promise((resolve, reject) => {
      // As clients send it where no proxy stands before: with the port, which is each process's own.
      const headers = { host: `${HOST}:${port}`, 'user-agent': agent };
      get(`${url}/cats`, { headers }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      );
    });
    await usage.flush();
    const [last] = await usage.getUsage({ limit: 1 });
    return last!;
  };
  return { visit, close: () => app.close() };
}

function storedSalts(): { day: string; salt: string }[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare('select day, salt from usage_records_salts').all() as never;
  } finally {
    database.close();
  }
}

/** What somebody can work out who has a salt, and knows the client. */
const guess = (salt: string, { remoteAddr }: UsageRecord, agent: string) =>
  createHmac('sha256', salt)
    .update(JSON.stringify([remoteAddr, agent, HOST]))
    .digest('base64url')
    .slice(0, 22);

it('two days of daily visitors cannot be joined; within a day all instances know them', async () => {
  const instances = [await instance(platforms[0]!), await instance(platforms[1]!)];
  const day = async () => {
    const records: UsageRecord[][] = [];
    for (const agent of AGENTS) {
      const visits: UsageRecord[] = [];
      for (const { visit } of [...instances, ...instances]) visits.push(await visit(agent));
      records.push(visits);
    }
    for (const visits of records) {
      expect(visits.every(({ userAgent }) => userAgent.string === visits[0]!.userAgent.string));
      expect(new Set(visits.map(({ visitorId }) => visitorId)).size).toBe(1);
    }
    const firsts = records.map(([first]) => first!);
    expect(new Set(firsts.map(({ visitorId }) => visitorId)).size).toBe(AGENTS.length);
    return firsts;
  };

  const first = await day();
  const [firstSalt, ...others] = storedSalts();
  expect([firstSalt!.day, others]).toEqual(['2026-11-23', []]);
  // With the salt, a known client's id can be worked out: the day's salt is what hides it.
  expect(first.map((record, at) => guess(firstSalt!.salt, record, AGENTS[at]!))).toEqual(
    first.map(({ visitorId }) => visitorId),
  );

  vi.setSystemTime(SECOND_DAY);
  const second = await day();
  const ids = [...first, ...second].map(({ visitorId }) => visitorId);
  expect(new Set(ids).size).toBe(2 * AGENTS.length);

  // Whoever has the whole database now finds no salt that gives the ids of the first day.
  await vi.waitFor(() => expect(storedSalts().map(({ day }) => day)).toEqual(['2026-11-24']));
  const salt = storedSalts()[0]!.salt;
  expect(second.map((record, at) => guess(salt, record, AGENTS[at]!))).toEqual(
    second.map(({ visitorId }) => visitorId),
  );
  expect(first.map((record, at) => guess(salt, record, AGENTS[at]!))).not.toContain(
    first[0]!.visitorId,
  );

  // One that starts now knows the second day's visitors and cannot know the first day's.
  const late = await instance(platforms[0]!);
  expect((await late.visit(AGENTS[0]!)).visitorId).toBe(second[0]!.visitorId);
  for (const { close } of [...instances, late]) await close();
  expect(lines.join('\n')).not.toContain(salt);
  expect(lines.join('\n')).not.toContain(firstSalt!.salt);
});
