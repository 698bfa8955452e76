import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { sumStatuses, sumUrls, type UsageRecord, type UsageStorage } from 'nestjs-track-usage';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TIMING_MS } from '../../../lib/storages/mongo/batches/journal-entry.js';
import { bruteForce, KEYS, totalsOf } from '../../support/contract-parts.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { FaultyDb, type CallFault } from './faulty-db.js';
import { dropPlace } from './places.js';

const HOOKS = [sumUrls, sumStatuses];
const FAULTS: CallFault[] = ['before', 'after', 'late'];
// Every call in CI, else every third.
const STEP = process.env['CI'] === 'true' ? 1 : 3;
const usual = { ...TIMING_MS };

describeWithServer('MONGODB', 'Each record is counted once', (url) => {
  let client: MongoClient;
  let place: string;
  let opened: MongoPiggybackStorage[] = [];

  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  afterAll(() => client.close());
  afterEach(async () => {
    Object.assign(TIMING_MS, usual);
    for (const storage of opened) await storage.close();
    opened = [];
    await dropPlace(client.db(), place);
  });

  const opening = async (db: unknown = client.db()) => {
    const storage = new MongoPiggybackStorage({
      db: db as ReturnType<typeof client.db>,
      collectionName: place,
      summaryCollection: `${place}_s`,
      hooks: HOOKS,
    });
    await storage.open(contextOf(HOOKS, { maxKeys: 12 }));
    opened.push(storage);
    return storage;
  };

  const newPlace = () => (place = `f${randomBytes(6).toString('hex')}`);

  const expectExact = async (storage: MongoPiggybackStorage, records: readonly UsageRecord[]) => {
    expect(await storage.countUsage()).toBe(records.length);
    const sums = await storage.getSum('status', { limit: 10_000 });
    for (const period of ['hour', 'day', 'month'] as const)
      expect(totalsOf(sums[period])).toEqual(bruteForce(records, KEYS['status']!, period));
    expect(await storage.verifySummaries()).toEqual([]);
  };

  // Every call of a batch fails once, until there is no such call.
  describe.each(FAULTS)('when a call is lost (%s)', (fault) => {
    it('whichever call it is, and whatever is sent again with it', async () => {
      for (let call = 0; ; call += STEP) {
        newPlace();
        const records = traffic(80);
        const db = new FaultyDb(client.db());
        const storage = await opening(db.faulty);
        await storage.store(records.slice(0, 20));
        db.arm(call, fault);
        const first = await storage.store(records.slice(20, 40)).then(
          () => true,
          () => false,
        );
        const isOver = !db.hasFailed;
        expect(first || !isOver).toBe(true);
        db.disarm();
        // Part of it comes again with others, what is late comes in between, then the rest.
        await storage.store([...records.slice(25, 32), ...records.slice(40, 60)]);
        await db.release();
        await storage.store(records.slice(15, 80));
        await expectExact(storage, records);
        await storage.close();
        await dropPlace(client.db(), place);
        if (isOver) return;
      }
    });

    it('and once more while it is sent again', async () => {
      for (let call = 0; ; call += STEP) {
        newPlace();
        const records = traffic(50);
        const db = new FaultyDb(client.db());
        const storage = await opening(db.faulty);
        // The insert is carried out and its answer lost: the next batch has to claim.
        db.arm(db.calls.length, fault);
        await storage.store(records.slice(0, 10)).catch(() => {});
        db.arm(2, 'after');
        await storage.store(records.slice(0, 20)).catch(() => {});
        db.arm(call, fault);
        await storage.store(records.slice(5, 30)).catch(() => {});
        const isOver = !db.hasFailed;
        db.disarm();
        await db.release();
        await storage.store(records);
        await expectExact(storage, records);
        await storage.close();
        await dropPlace(client.db(), place);
        if (isOver) return;
      }
    });
  });

  describe.each(['before', 'after'] as const)('when the process dies (%s a call)', (fault) => {
    it('another one completes what it has begun, and what is sent again changes nothing', async () => {
      TIMING_MS.lease = 30;
      for (let call = 0; ; call += STEP) {
        newPlace();
        const records = traffic(60);
        const db = new FaultyDb(client.db());
        const dying = await opening(db.faulty);
        await dying.store(records.slice(0, 20));
        const other = await opening();
        db.arm(call, fault, true);
        await dying.store(records.slice(20, 40)).catch(() => {});
        const isOver = !db.hasFailed;

        await other.store(records.slice(40, 50));
        // What is stored is counted, before anything is sent again. Until the lease of what the
        // dead one has begun is over, its records are nobody's to count, nor a difference.
        await expect
          .poll(() => uncounted(other), { timeout: 5_000, interval: 20 })
          .toEqual({ records: 0, differences: [] });
        const stored = new Set((await other.getUsage()).map(({ id }) => id));
        await expectExact(
          other,
          records.filter(({ id }) => stored.has(id)),
        );
        await other.store(records.slice(20));
        await expectExact(other, records);
        await other.close();
        await dropPlace(client.db(), place);
        if (isOver) return;
      }
    });
  });

  it('counts what comes after its batch was given up, and is never sent again', async () => {
    newPlace();
    const records = traffic(40);
    const db = new FaultyDb(client.db());
    const storage = await opening(db.faulty);
    await storage.store(records.slice(0, 10));
    // The insert is the second call of a batch.
    db.arm(1, 'late');
    await expect(storage.store(records.slice(10, 30))).rejects.toThrow('connection lost');
    expect(db.calls.at(-1)).toBe('insertMany');
    db.disarm();
    await storage.store(records.slice(30));
    expect(await storage.countUsage()).toBe(20);
    await db.release();
    TIMING_MS.cancelled = 0;
    await storage.rebuildSummaries();
    await expectExact(storage, records);
  });

  it('counts once what delivery sends again after every batch, its answer lost', async () => {
    newPlace();
    const storage = await opening();
    let calls = 0;
    const forgetful: UsageStorage = {
      name: 'forgetful',
      async store(records) {
        await storage.store(records);
        if (calls++ % 2 === 0) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      },
    };
    const { delivery } = startDelivery([forgetful], { batchSize: 40, flushInterval: 1 });
    const records = traffic(400);
    for (const record of records) {
      delivery.record(record, null);
      if (Number(record.id.at(-1)) % 5 === 0) await new Promise(setImmediate);
    }
    expect(await delivery.flush(30_000)).toBe(true);
    expect(countsOf(delivery, forgetful)).toMatchObject({ stored: 400, dropped: {} });
    expect(calls).toBeGreaterThan(10);
    await expectExact(storage, records);
  });

  it('counts once what several writers send at once, again and again', async () => {
    newPlace();
    const records = traffic(400);
    const storages = await Promise.all([opening(), opening(), opening(), opening()]);
    await Promise.all(
      storages.map(async (storage, index) => {
        for (let at = 0; at < 400; at += 40) {
          await storage.store(records.slice(at, at + 40));
          await storage.store(records.slice(Math.max(0, at - 10 * index), at + 20));
        }
      }),
    );
    await expectExact(storages[0], records);
  });
});

/** Few buckets and more keys than these may have. */
function traffic(count: number): UsageRecord[] {
  return makeRecords(count, (index) => ({
    date: new Date(Date.UTC(2026, 4, 31, 22, 50) + index * 60_000),
    url: `http://shop.example/${index % 19}`,
    status: [200, 404, 500][index % 3]!,
    speed: (index + 1) / 1000,
  }));
}

/** What is not as it should be, after all that was left has been looked for. */
async function uncounted(storage: MongoPiggybackStorage) {
  const { recovery } = (
    storage as unknown as { parts: { recovery: { sweep(ageMs: number): Promise<void> } } }
  ).parts;
  await recovery.sweep(0);
  const differences = await storage.verifySummaries();
  const { month } = await storage.getSum('status');
  const counted = month.reduce((sum, { hits }) => sum + hits, 0);
  return { records: (await storage.countUsage()) - counted, differences };
}
