import {
  MemoryStorage,
  sumStatuses,
  sumUrls,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../delivery/start-delivery.js';
import { contextOf } from '../support/storage-context.js';
import { createStorage, databases, newPlace } from './databases.js';
import { describeDatabases } from './with-databases.js';

const isCi = process.env['CI'] === 'true';
const NEIGHBOURS = 999;

const POISON: Record<string, Partial<UsageRecord>> = {
  'a NUL character': { url: 'http://shop.example/a\0b', trackVar: { text: 'a\0b' } },
  'a lone surrogate': { username: 'a\ud800', trackVar: { text: '\udfff' } },
  'NaN as its duration': { speed: NaN },
  'NaN as its length': { contentLength: NaN },
  'NaN as its status': { status: NaN },
  'a string of 1 MB': { trackVar: { text: 'x'.repeat(1024 * 1024) } },
  'a key $x': { trackVar: { $x: 1, $set: { $inc: 1 } }, urlArgs: { $x: '1' } },
  'a key a.b': { trackVar: { 'a.b': { 'c.d': 1 } }, urlArgs: { 'a.b': '1' } },
  'a date out of range': { date: new Date(NaN) },
};

const HOOKS = [sumUrls, sumStatuses];
const context = contextOf(HOOKS);

/** Sends one record among its neighbours; all is accounted for, and nothing but it can be lost. */
async function sendAmongNeighbours(storage: UsageStorage, changes: Partial<UsageRecord>) {
  await storage.open!(context);
  const neighbours = makeRecords(NEIGHBOURS);
  const poison = makeRecord(changes);
  const dead: UsageRecord[] = [];
  const { delivery } = startDelivery([storage], { deadLetter: (record) => void dead.push(record) });
  for (const record of [...neighbours.slice(0, 317), poison, ...neighbours.slice(317)])
    delivery.record(record, null);
  expect(await delivery.flush(60_000)).toBe(true);

  const { stored, waiting, dropped } = countsOf(delivery, storage);
  expect(waiting).toBe(0);
  const isStored = stored === NEIGHBOURS + 1;
  expect({ stored, dropped, dead }).toEqual(
    isStored
      ? { stored: NEIGHBOURS + 1, dropped: {}, dead: [] }
      : { stored: NEIGHBOURS, dropped: { refused: 1 }, dead: [poison] },
  );
  const ids = new Set<string>();
  for await (const { id } of storage.streamUsage!()) ids.add(id);
  const expected = isStored ? [...neighbours, poison] : neighbours;
  expect(ids).toEqual(new Set(expected.map(({ id }) => id)));
  expect(await storage.verifySummaries!()).toEqual([]);
  await delivery.shutdown();
}

describe('one record among 999 that a database may not take', () => {
  // No pauses between one try and the next.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());

  describe('memory', () => {
    it.each(Object.entries(POISON))('with %s harms no other', (_, changes) =>
      sendAmongNeighbours(new MemoryStorage(), changes),
    );
  });

  describeDatabases(isCi ? databases : databases.slice(0, 3), (database, url) => {
    let place: string;
    beforeEach(() => void (place = newPlace()));
    afterEach(() => database.remove(url, place));

    it.each(Object.entries(POISON))('with %s harms no other', { timeout: 90_000 }, (_, changes) =>
      sendAmongNeighbours(createStorage(database.recipe(url, place), { hooks: HOOKS }), changes),
    );
  });
});
