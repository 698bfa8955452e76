import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import type { UsageFilter, UsageQuery } from '../../storages/contract/usage-query.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { makeRecord, makeRecords } from '../make-record.js';
import { answersOf, type Answers, type Opening } from './opening.js';
import type { TestTools } from './subject.js';

const NOON = Date.UTC(2026, 2, 1, 12);

/** Tests queries for records. */
export function queryContract({ it, describe }: TestTools, open: Opening): void {
  const opened = async (records: readonly UsageRecord[]) => {
    const storage = await open();
    await storage.store(records);
    return storage;
  };

  describe('reading', () => {
    it('gives the newest first, whatever the order they came in', async () => {
      const records = makeRecords(9);
      const shuffled = [3, 7, 0, 8, 1, 5, 2, 6, 4].map((index) => records[index]!);
      const storage = await opened(shuffled);
      assert.deepStrictEqual(await storage.getUsage(), records.toReversed());
    });

    it('orders records of one instant by id, the last first', async () => {
      const date = new Date(NOON);
      // Ids that differ in a digit or a letter, at different places, and are not stored in order.
      const ids = ['00a', '009', '100', '0ff', 'fff', '001'].map(
        (end) => `0197c000-0000-7000-8000-700000000${end}`,
      );
      const storage = await opened(ids.map((id) => makeRecord({ id, date })));
      const found = (await storage.getUsage()).map(({ id }) => id);
      assert.deepStrictEqual(found, ids.sort().reverse());
    });

    it('gives 500 records unless it is told otherwise', async () => {
      const storage = await opened(makeRecords(503));
      assert.equal((await storage.getUsage()).length, 500);
      assert.equal((await storage.getUsage({ page: 2 })).length, 3);
      assert.equal((await storage.getUsage({ limit: 502 })).length, 502);
    });

    it('gives each record on one page', async () => {
      const records = makeRecords(23, (index) => ({ date: new Date(NOON + (index >> 2)) }));
      const storage = await opened(records);
      const pages: UsageRecord[] = [];
      for (let page = 1; page <= 4; page++)
        pages.push(...(await storage.getUsage({ limit: 7, page })));
      assert.deepStrictEqual(pages, newestFirst(records));
      assert.deepStrictEqual(await storage.getUsage({ limit: 7, page: 5 }), []);
      assert.deepStrictEqual(await storage.getUsage({ limit: 1000, page: 1_000_000 }), []);
    });

    it('takes bounds to the millisecond, both inclusive', async () => {
      const records = makeRecords(7, (index) => ({ date: new Date(NOON + index) }));
      const storage = await opened(records);
      const found = async (startDate?: number, endDate?: number) => {
        const filter: UsageFilter = {
          ...(startDate !== undefined && { startDate: new Date(NOON + startDate) }),
          ...(endDate !== undefined && { endDate: new Date(NOON + endDate) }),
        };
        const page = await storage.getUsage(filter);
        assert.equal(await storage.countUsage(filter), page.length);
        assert.deepStrictEqual(await streamed(storage, filter), page);
        return page.map(({ date }) => date.getTime() - NOON);
      };
      assert.deepStrictEqual(await found(2, 4), [4, 3, 2]);
      assert.deepStrictEqual(await found(3, 3), [3]);
      assert.deepStrictEqual(await found(5), [6, 5]);
      assert.deepStrictEqual(await found(undefined, 1), [1, 0]);
      assert.deepStrictEqual(await found(7), []);
      assert.deepStrictEqual(await found(-9, -1), []);
    });

    it('finds records by each field, exactly', async () => {
      const storage = answersOf(await opened(WHERE_RECORDS));
      for (const where of WHERES) {
        const expected = newestFirst(WHERE_RECORDS).filter((record) => matches(record, where));
        assert.ok(expected.length < WHERE_RECORDS.length, 'a condition that leaves nothing out');
        assert.deepStrictEqual(await storage.getUsage({ where }), expected);
        assert.deepStrictEqual(await streamed(storage, { where }), expected);
        assert.equal(await storage.countUsage({ where }), expected.length);
      }
    });

    it('passes over what a condition does not ask for', async () => {
      const storage = answersOf(await opened(WHERE_RECORDS));
      const where: UsageWhere = { route: undefined };
      assert.equal(await storage.countUsage({ where }), WHERE_RECORDS.length);
      assert.equal(await storage.countUsage({}), WHERE_RECORDS.length);
    });

    it('puts conditions, bounds and pages together', async () => {
      const records = makeRecords(40, (index) => ({
        date: new Date(NOON + index),
        status: index % 2 ? 404 : 200,
        username: index % 3 ? null : 'ada',
      }));
      const storage = answersOf(await opened(records));
      const query: UsageQuery = {
        startDate: new Date(NOON + 3),
        endDate: new Date(NOON + 33),
        where: { status: 404, username: 'ada' },
        limit: 2,
        page: 2,
      };
      const found = (await storage.getUsage(query)).map(({ date }) => date.getTime() - NOON);
      assert.deepStrictEqual(found, [21, 15]);
    });

    it('streams what pages give, over the borders of what it reads at once', async () => {
      // Groups of eight equal dates cross every page boundary that a reader may have.
      const records = makeRecords(1234, (index) => ({ date: new Date(NOON + (index >> 3)) }));
      const storage = await opened(records);
      assert.deepStrictEqual(await streamed(storage), await storage.getUsage({ limit: 2000 }));
    });

    it('streams to those who stop early, and to several at once', async () => {
      const storage = await opened(makeRecords(30));
      const expected = await storage.getUsage();
      const [a, b] = [storage.streamUsage(), storage.streamUsage()].map((stream) =>
        stream[Symbol.asyncIterator](),
      );
      for (const record of expected.slice(0, 5)) {
        assert.deepStrictEqual((await a!.next()).value, record);
        assert.deepStrictEqual((await b!.next()).value, record);
      }
      await a!.return?.();
      assert.deepStrictEqual((await b!.next()).value, expected[5]);
    });

    it('streams without those that came later', async () => {
      const records = makeRecords(1100);
      const storage = await opened(records);
      const found: UsageRecord[] = [];
      for await (const record of storage.streamUsage()) {
        if (found.length === 2) await storage.store(makeRecords(5));
        found.push(record);
      }
      assert.deepStrictEqual(found, records.toReversed());
    });

    it('refuses bad queries, naming the field and the value', async () => {
      const storage = answersOf(await open());
      for (const [query, field, shown] of BAD_QUERIES) {
        await assert.rejects(
          storage.getUsage(query as UsageQuery),
          (error: Error & { field?: string }) =>
            error.name === 'UsageQueryError' &&
            error.field === field &&
            error.message.includes(field) &&
            error.message.includes(shown),
          `${field} ${shown}`,
        );
      }
      await assert.rejects(storage.countUsage({ limit: 5 } as UsageFilter), /limit/);
      await assert.rejects(streamed(storage, { page: 1 } as UsageFilter), /page/);
    });
  });
}

const WHERE_RECORDS = makeRecords(12, (index) => ({
  route: ['/cats/:id', '/cats', null, '/Cats', '/cats ', '/cats%'][index % 6]!,
  blueprint: ['CatsController', 'catscontroller', null][index % 3]!,
  handler: ['findOne', 'find_ne', null][index % 3]!,
  method: ['GET', 'get', 'POST'][index % 3]!,
  status: [200, 404, 500][index % 3]!,
  remoteAddr: ['192.0.2.7', '2001:db8::7', null][index % 3]!,
  username: ['ada', 'Ada', 'ada ', null, '', "o'hara"][index % 6]!,
  visitorId: ['v1', 'v2', null][index % 3]!,
  outcome: index % 4 ? 'completed' : 'aborted',
}));

const WHERES: UsageWhere[] = [
  { route: '/cats' },
  { route: null },
  { route: '/cats%' },
  { blueprint: 'CatsController' },
  { blueprint: null },
  { handler: 'find_ne' },
  { handler: null },
  { method: 'GET' },
  { method: 'PATCH' },
  { status: 404 },
  { status: 1 },
  { remoteAddr: '2001:db8::7' },
  { remoteAddr: null },
  { username: 'ada' },
  { username: '' },
  { username: null },
  { username: "o'hara" },
  { visitorId: 'v2' },
  { visitorId: null },
  { outcome: 'aborted' },
  { outcome: 'completed' },
  { status: 200, outcome: 'aborted' },
  { username: null, route: '/Cats', method: 'GET' },
];

const BAD_QUERIES: [unknown, string, string][] = [
  [{ page: 0 }, 'page', '0'],
  [{ page: 1.5 }, 'page', '1.5'],
  [{ page: '2' }, 'page', "'2'"],
  [{ limit: 0 }, 'limit', '0'],
  [{ limit: -3 }, 'limit', '-3'],
  [{ limit: Infinity }, 'limit', 'Infinity'],
  [{ limit: 10_001 }, 'limit', 'streamUsage'],
  [{ startdate: new Date(1) }, 'startdate', 'did you mean startDate?'],
  [{ where: { status: 1e15 } }, 'where.status', '1000000000000000'],
  [{ where: { status: 2 ** 31 } }, 'where.status', 'up to 999'],
  [{ where: { username: 'a\0b' } }, 'where.username', 'NUL'],
  [{ where: { method: '\0' } }, 'where.method', 'NUL'],
  [{ startDate: new Date(NaN) }, 'startDate', 'Invalid Date'],
  [{ endDate: '2026-01-01' }, 'endDate', "'2026-01-01'"],
  [{ startDate: new Date(2), endDate: new Date(1) }, 'startDate', '1970'],
  [{ sort: 'url' }, 'sort', "'url'"],
  [{ where: { ipInfo: 'x' } }, 'where.ipInfo', "'x'"],
  [{ where: { stauts: 404 } }, 'where.stauts', 'did you mean status?'],
  [{ where: { status: { gt: '4' } } }, 'where.status.gt', "'4'"],
  [{ where: { status: { startsWith: '4' } } }, 'where.status.startsWith', 'gte'],
  [{ where: { authorization: { gt: true } } }, 'where.authorization.gt', 'notIn'],
  [{ where: { route: { startWith: '/' } } }, 'where.route', 'did you mean startsWith?'],
  [{ where: { route: { in: '/' } } }, 'where.route.in', 'a list'],
  [{ where: { 'trackVar.a': { gt: null } } }, 'where.trackVar.a.gt', 'null'],
  [{ where: { status: '404' } }, 'where.status', "'404'"],
  [{ where: { username: { $ne: null } } }, 'where.username', '$ne'],
  [{ where: { method: null } }, 'where.method', 'null'],
  [{ where: { outcome: 'done' } }, 'where.outcome', "'done'"],
  [{ where: [] }, 'where', '[]'],
  [{ last: '7' }, 'last', "'7'"],
  [{ last: '1.5h' }, 'last', "'1.5h'"],
  [{ last: '7d', startDate: new Date(1) }, 'last', 'startDate'],
  [{ orderBy: { sped: 'asc' } }, 'orderBy.sped', 'did you mean speed?'],
  [{ orderBy: { speed: 'up' } }, 'orderBy.speed', "'up'"],
  [{ orderBy: { speed: 'asc', date: 'asc' } }, 'orderBy', 'one field'],
  [{ orderBy: { speed: 'asc' }, page: 100_000 }, 'page', '100000'],
  [{ after: { date: 'x', id: 'y' } }, 'after', 'a record'],
  [{ after: { date: new Date(1), id: 'y' }, page: 1 }, 'page', 'after'],
  [{ after: { date: new Date(1), id: 'y' }, orderBy: { speed: 'asc' } }, 'after', 'speed'],
  [{ timeout: 0 }, 'timeout', '0'],
  [{ signal: {} }, 'signal', 'AbortSignal'],
];

async function streamed(storage: Answers, filter?: UsageFilter): Promise<UsageRecord[]> {
  const records: UsageRecord[] = [];
  for await (const record of storage.streamUsage(filter)) records.push(record);
  return records;
}

function newestFirst(records: readonly UsageRecord[]): UsageRecord[] {
  return [...records].sort((a, b) => b.date.getTime() - a.date.getTime() || (a.id < b.id ? 1 : -1));
}

function matches(record: UsageRecord, where: UsageWhere): boolean {
  return Object.entries(where).every(
    ([name, value]) => record[name as keyof UsageRecord] === value,
  );
}
