import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import type { UsageSubject } from '../../storages/contract/maintenance.js';
import type { StoredSums } from '../../storages/contract/usage-storage.js';
import {
  sumBasic,
  sumBy,
  sumConsumers,
  sumRemotes,
  sumRoutes,
  sumStatuses,
  summary,
  sumVisitors,
} from '../../summary/index.js';
import { makeRecords } from '../make-record.js';
import type { FullStorage, Opening } from './opening.js';
import type { StorageSubject, TestTools } from './subject.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 31, 12);
const PERIODS = ['hour', 'day', 'month'] as const;
const sumUsernames = summary('username', (record) => record.username);
const HOOKS = [...sumBasic, sumVisitors, sumStatuses, sumUsernames, sumConsumers];
const DIMENSIONS = HOOKS.map(({ dimension }) => dimension);

const VISITORS = ['v1', 'v2', 'V1', 'v1 ', '(other)', null];
const USERNAMES = ['ada', 'Ada', "o'hara", 'a%', '{"$ne":1}', null];
const CONSUMERS = ['acme', 'Acme', 'acme ', '(other)', null];
const ADDRESSES = ['192.0.2.7', '192.0.2.70', '2001:db8::7', null];

const SUBJECTS: UsageSubject[] = [
  { visitorId: 'v1' },
  { visitorId: '(other)' },
  { username: "o'hara" },
  { username: 'a%' },
  { username: '{"$ne":1}' },
  { remoteAddr: '192.0.2.7' },
  { remoteAddr: '2001:db8::7' },
  { consumer: 'acme' },
  { consumer: '(other)' },
];

/** Records of many subjects, one per quarter of an hour; 72 of them span two months. */
const traffic = (count = 72) =>
  makeRecords(count, (index) => ({
    date: new Date(START + index * (HOUR / 4)),
    visitorId: VISITORS[index % 6]!,
    username: USERNAMES[(index >> 1) % 6]!,
    remoteAddr: ADDRESSES[(index >> 2) % 4]!,
    consumer: CONSUMERS[(index * 3) % 5]!,
    status: [200, 404, 500][index % 3]!,
    speed: (1 + (index % 17)) / 100,
    weight: 1 + (index % 2),
    url: `http://shop.example/cats/${index % 5}`,
  }));

/** Tests that `forget` deletes a subject's records and its keys in sums. */
export function forgettingContract(
  { it, describe }: TestTools,
  open: Opening,
  { shared, uncapped = false }: StorageSubject,
): void {
  describe('forgetting a subject', () => {
    it('deletes all its records, exactly, and no others', async () => {
      const storage = await open();
      let left = traffic();
      await storage.store(left);
      for (const subject of SUBJECTS) {
        const before = left.length;
        left = without(left, subject);
        assert.ok(left.length < before);
        assert.equal(await storage.forget(subject), before - left.length);
        assert.deepStrictEqual(await storage.getUsage(), left.toReversed());
        assert.equal(await storage.forget(subject), 0);
        assert.equal(await storage.countUsage(), left.length);
      }
    });

    it('leaves the sums that there would be without it', async () => {
      const timeZone = 'Europe/Zurich';
      const records = traffic();
      for (const subject of [SUBJECTS[0]!, SUBJECTS[2]!, SUBJECTS[5]!]) {
        const left = without(records, subject);
        const [storage, other] = [
          await open({ hooks: HOOKS, timeZone }),
          await open({ hooks: HOOKS, timeZone }),
        ];
        await storage.store(records);
        await other.store(left);
        await storage.forget(subject);
        assert.deepStrictEqual(await storage.verifySummaries(), []);
        for (const dimension of DIMENSIONS)
          assert.deepStrictEqual(await storage.getSum(dimension), await other.getSum(dimension));
        // Later records are still counted.
        const [more, again] = [traffic(9), records.filter((each) => !left.includes(each))];
        await storage.store([...more, ...again.slice(0, 3)]);
        await other.store([...more, ...again.slice(0, 3)]);
        assert.deepStrictEqual(await storage.getSum('visitor'), await other.getSum('visitor'));
      }
    });

    it('keeps sums and records in agreement where keys are over the cap', async () => {
      const storage = await open({ hooks: HOOKS, maxKeys: 4 });
      const records = traffic();
      for (let at = 0; at < records.length; at += 20)
        await storage.store(records.slice(at, at + 20));
      let left: readonly UsageRecord[] = records;
      for (const subject of SUBJECTS.slice(2, 6)) {
        await storage.forget(subject);
        left = without(left, subject);
        assert.deepStrictEqual(await storage.verifySummaries(), []);
        const totals = hitsOf(left);
        for (const dimension of DIMENSIONS)
          for (const period of PERIODS)
            assert.equal(totalOf(await storage.getSum(dimension), period), totals, dimension);
      }
    });

    it('counts its rows under (other) where records have been pruned', async () => {
      const storage = await open({ hooks: HOOKS });
      const records = traffic();
      await storage.store(records);
      await storage.prune({ records: records[54]!.date });
      const before = await storage.getSum('status');
      for (const subject of [
        { visitorId: 'v2' },
        { remoteAddr: '192.0.2.7' },
        { username: 'ada' },
        { consumer: 'acme' },
      ]) {
        const [[field, value]] = Object.entries(subject) as [[keyof UsageRecord, string]];
        const own = { visitorId: 'visitor', remoteAddr: 'remote' }[field as string] ?? field;
        const inOwn = (rows: StoredSums) => PERIODS.flatMap((p) => rows[p]).map(({ key }) => key);
        assert.ok(inOwn(await storage.getSum(own)).includes(value));
        const expected = (await storage.getUsage()).filter((each) => each[field] === value);
        assert.equal(await storage.forget(subject as UsageSubject), expected.length);
        assert.ok(!inOwn(await storage.getSum(own)).includes(value));
        assert.ok(inOwn(await storage.getSum(own)).includes('(other)'));
        assert.deepStrictEqual(await storage.verifySummaries(), []);
        await storage.rebuildSummaries();
        assert.ok(!inOwn(await storage.getSum(own)).includes(value));
      }
      // The total hits of a bucket are the same in every summary, whatever the keys.
      const after = await storage.getSum('status');
      for (const dimension of DIMENSIONS)
        for (const period of PERIODS)
          assert.deepStrictEqual(
            byBucket(await storage.getSum(dimension), period),
            byBucket(after, period),
            `${dimension} ${period}`,
          );
      // Hours whose records were all erased keep their totals.
      const end = new Date(records[50]!.date);
      const early = ({ hour }: StoredSums) => hour.filter(({ date }) => date < end);
      assert.deepStrictEqual(early(after), early(before));
    });

    it('takes it out of keys that are made of several dimensions', async () => {
      const hooks = [sumBy('username', 'status'), sumBy('remote', 'visitor', 'kind')];
      const storage = await open({ hooks });
      const records = traffic(20);
      await storage.store(records);
      await storage.prune({ records: records[15]!.date });
      const keys = async () => {
        const found = [];
        for (const { dimension } of hooks)
          for (const period of PERIODS) found.push(...(await storage.getSum(dimension))[period]);
        return found.map(({ key }) => key);
      };
      const [{ dimension }] = hooks as [(typeof hooks)[0]];
      const before = (await storage.getSum(dimension)).month.map(({ hits }) => hits);
      for (const [subject, part] of [
        [{ username: "o'hara" }, "o'hara"],
        [{ username: '{"$ne":1}' }, '{\\"$ne\\":1}'],
        [{ visitorId: 'v1' }, 'v1'],
        [{ remoteAddr: '192.0.2.7' }, '192.0.2.7'],
      ] as const) {
        const names = (key: string) => key.includes(`"${part}"`);
        assert.ok((await keys()).some(names), part);
        await storage.forget(subject);
        assert.ok(!(await keys()).some(names), part);
        assert.deepStrictEqual(await storage.verifySummaries(), []);
      }
      // What is left of those whose records were pruned still counts.
      const after = await storage.getSum(dimension);
      assert.ok(after.month.some(({ key }) => key === '(other)'));
      assert.ok((await keys()).some((key) => key.startsWith('["Ada"')));
      assert.ok(before.length > after.month.length);
    });

    it('passes over rows of other summaries that happen to have such a key', async () => {
      const storage = await open({ hooks: [sumRoutes, sumStatuses, sumRemotes] });
      const records = makeRecords(6, (index) => ({
        date: new Date(START + index),
        username: index % 2 ? '200' : 'GET /cats/:id',
      }));
      await storage.store(records);
      await storage.prune({ records: new Date(START + 1) });
      assert.equal(await storage.forget({ username: '200' }), 3);
      assert.equal(await storage.forget({ username: 'GET /cats/:id' }), 2);
      const keys = async (dimension: string) =>
        (await storage.getSum(dimension)).hour.map(({ key }) => key);
      assert.deepStrictEqual(await keys('status'), ['200']);
      assert.deepStrictEqual(await keys('route'), ['GET /cats/:id']);
    });

    it('refuses what is not one subject', async () => {
      const storage = await open();
      await storage.store(traffic(12));
      for (const [subject, said] of BAD_SUBJECTS)
        await assert.rejects(
          async () => storage.forget(subject as UsageSubject),
          (error: Error) => error instanceof TypeError && error.message.includes(said),
          said,
        );
      assert.equal(await storage.countUsage(), 12);
    });

    if (shared) {
      it('takes it out of summaries that are not kept any more', async () => {
        const place = open.place();
        const records = traffic(30);
        const before = await open({ place, hooks: [sumVisitors] });
        await before.store(records);
        const storage = await open({ place, hooks: [sumStatuses] });
        const left = without(records, { visitorId: 'v1' });
        assert.equal(await storage.forget({ visitorId: 'v1' }), records.length - left.length);
        const { month } = await before.getSum('visitor');
        assert.ok(!month.some(({ key }) => key === 'v1'));
        assert.ok(uncapped || month.some(({ key }) => key === '(other)'));
      });

      it('loses and doubles nothing while others store', async () => {
        const place = open.place();
        const [a, b, c] = [
          await open({ place, hooks: HOOKS }),
          await open({ place, hooks: HOOKS }),
          await open({ place, hooks: HOOKS }),
        ];
        const records = traffic(300);
        await a.store(records.slice(0, 100));
        const [mine, hers] = [records.slice(100, 200), records.slice(200)];
        const inParts = async (storage: FullStorage, all: readonly UsageRecord[]) => {
          for (let at = 0; at < all.length; at += 10) await storage.store(all.slice(at, at + 10));
        };
        await Promise.all([
          inParts(a, mine),
          inParts(b, hers),
          c.forget({ visitorId: 'v1' }).then(() => c.forget({ username: 'ada' })),
        ]);
        await c.forget({ visitorId: 'v1' });
        await c.forget({ username: 'ada' });
        const left = without(without(records, { visitorId: 'v1' }), { username: 'ada' });
        assert.equal(await a.countUsage(), left.length);
        assert.deepStrictEqual(await a.verifySummaries(), []);
        assert.equal(totalOf(await b.getSum('visitor'), 'hour'), hitsOf(left));
      });
    }
  });
}

const BAD_SUBJECTS: [unknown, string][] = [
  [undefined, 'undefined'],
  [null, 'null'],
  ['v1', "'v1'"],
  [[], '[]'],
  [{}, 'none of them'],
  [{ visitorId: undefined }, 'none of them'],
  [{ visitorId: '' }, "visitorId: expected text that is not empty, but got ''"],
  [{ visitorId: null }, 'null'],
  [{ username: { $ne: null } }, '$ne'],
  [{ username: ['ada'] }, "[ 'ada' ]"],
  [{ remoteAddr: 7 }, '7'],
  [{ visitorId: 'v1', username: 'ada' }, 'visitorId and username'],
  [{ url: 'x' }, "url: 'x'"],
];

function without(records: readonly UsageRecord[], subject: UsageSubject): UsageRecord[] {
  const [[field, value]] = Object.entries(subject) as [[keyof UsageRecord, string]];
  return records.filter((record) => record[field] !== value);
}

function hitsOf(records: readonly UsageRecord[]): number {
  return records.reduce((hits, { weight }) => hits + weight, 0);
}

function totalOf(sums: StoredSums, period: (typeof PERIODS)[number]): number {
  return sums[period].reduce((total, { hits }) => total + hits, 0);
}

function byBucket(sums: StoredSums, period: (typeof PERIODS)[number]): [number, number][] {
  const hits = new Map<number, number>();
  for (const row of sums[period])
    hits.set(row.date.getTime(), (hits.get(row.date.getTime()) ?? 0) + row.hits);
  return [...hits];
}
