import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import { makeRecord, makeRecords } from '../make-record.js';
import { findMismatches } from './features.js';
import type { Opening } from './opening.js';
import type { StorageSubject, TestTools } from './subject.js';
import { unusualRecords } from './unusual-records.js';

/** Odd values are cast to this type, because values from outside may have any type. */
type Args = Record<string, string>;

/** Tests that records are stored and returned unchanged. */
export function recordContract(
  { it, describe }: TestTools,
  open: Opening,
  subject: StorageSubject,
): void {
  describe('storing', () => {
    it('offers what it should, and nothing that is not asked of it', async () => {
      assert.deepStrictEqual(findMismatches(await open(), subject), []);
    });

    it('gives back what it was given, deeply equal', async () => {
      const storage = await open();
      const records = unusualRecords();
      await storage.store(records);
      assert.deepStrictEqual(await open.records(storage), byId(records));
    });

    it('keeps names as data: no prototype is changed', async () => {
      const storage = await open();
      const args = JSON.parse('{"__proto__":{"polluted":"1"},"constructor":"2"}') as Args;
      await storage.store([makeRecord({ urlArgs: args, viewArgs: args, trackVar: args })]);
      const [record] = await open.records(storage);
      assert.deepStrictEqual(Object.keys(record!.urlArgs), ['__proto__', 'constructor']);
      assert.deepStrictEqual(record!.trackVar, args);
      assert.equal(({} as { polluted?: string }).polluted, undefined);
    });

    it('stores a batch once, however often it is sent', async () => {
      const storage = await open();
      const records = makeRecords(60);
      await storage.store(records);
      await storage.store(records);
      assert.equal((await open.records(storage)).length, 60);
      assert.deepStrictEqual(await open.records(storage), byId(records));
    });

    it('stores the rest of a batch that was stored in part', async () => {
      const storage = await open();
      const records = makeRecords(60);
      await storage.store(records.slice(10, 30));
      await storage.store(records);
      assert.deepStrictEqual(await open.records(storage), byId(records));
    });

    it('stores a record once that is in one batch twice', async () => {
      const storage = await open();
      const [a, b] = makeRecords(2) as [UsageRecord, UsageRecord];
      await storage.store([a, b, a, a, b]);
      assert.equal((await open.records(storage)).length, 2);
    });

    it('keeps the first of two records of one id', async () => {
      const storage = await open();
      const first = makeRecord({ status: 200 });
      await storage.store([first]);
      await storage.store([{ ...first, status: 500 }]);
      assert.deepStrictEqual(await open.records(storage), [first]);
    });

    it('takes an empty batch', async () => {
      const storage = await open();
      await storage.store([]);
      assert.deepStrictEqual(await open.records(storage), []);
    });

    it('takes batches beyond every limit of a statement', async () => {
      const storage = await open();
      const records = makeRecords(2500);
      await storage.store(records);
      assert.equal((await open.records(storage)).length, 2500);
      assert.deepStrictEqual(await open.records(storage), byId(records));
    });

    it('leaves the records alone that it is given, and its own that it gives', async () => {
      const storage = await open();
      const given = makeRecord({ trackVar: { plan: 'pro' } });
      const copy = { ...given, urlArgs: { ...given.urlArgs }, trackVar: { plan: 'pro' } };
      await storage.store([given]);
      assert.deepStrictEqual(given, copy);
      (given.trackVar as Record<string, string>)['plan'] = 'free';
      const [read] = await open.records(storage);
      (read!.urlArgs as Record<string, string>)['added'] = '1';
      assert.deepStrictEqual(await open.records(storage), [copy]);
    });

    it('lets no poison record take its neighbours along unseen', async () => {
      const storage = await open();
      const good = makeRecords(3);
      for (const text of ['a\0b', 'a\ud800b']) {
        const bad = makeRecord({ url: text, urlArgs: { [text]: text }, username: text });
        const batch = [good[0]!, bad, good[1]!];
        const refused = await storage.store(batch).then(
          () => false,
          () => true,
        );
        // If the storage rejects the bad record, delivery sends the others without it.
        if (refused) await storage.store([good[0]!, good[1]!]);
        const stored = await open.records(storage);
        const ids = new Set(stored.map(({ id }) => id));
        assert.ok(ids.has(good[0]!.id) && ids.has(good[1]!.id));
        if (!refused) assert.ok(ids.has(bad.id));
      }
      await storage.store([good[2]!]);
      const left = (await open.records(storage)).filter(({ username }) => username === null);
      assert.equal(left.length, 3);
    });

    if (!subject.shared) return;

    it('keeps records when it is closed and opened again', async () => {
      const place = open.place();
      const records = makeRecords(20);
      const before = await open({ place });
      await before.store(records);
      await before.close?.();
      const after = await open({ place });
      assert.deepStrictEqual(await open.records(after), byId(records));
      await after.store(records.slice(0, 5));
      assert.equal((await open.records(after)).length, 20);
    });

    it('takes the same and other records from several writers at once', async () => {
      const place = open.place();
      const storages = [await open({ place }), await open({ place }), await open({ place })];
      const own = storages.map(() => makeRecords(90));
      const common = makeRecords(90);
      await Promise.all(
        storages.map(async (storage, index) => {
          for (let at = 0; at < 90; at += 30) {
            await storage.store(own[index]!.slice(at, at + 30));
            await storage.store(common.slice(at, at + 30));
          }
        }),
      );
      const expected = byId([...own.flat(), ...common]);
      assert.deepStrictEqual(await open.records(storages[0]!), expected);
    });
  });
}

function byId(records: readonly UsageRecord[]): UsageRecord[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
}
