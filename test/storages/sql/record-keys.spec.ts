import { randomUUID } from 'node:crypto';
import { sumStatuses, type UsageRecord } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf } from '../../support/storage-context.js';
import { makeEarlierRecords } from './earlier-records.js';
import { dropPlace, SQL_SERVERS, tablesOf } from './places.js';

const DATABASES: [string, DataSourceOptions | undefined][] = [
  ['SQLite', { type: 'better-sqlite3', database: ':memory:' }],
  ...SQL_SERVERS,
];
const DAY_MS = 86_400_000;
const DATE = new Date(Date.UTC(2026, 5, 10, 12));
const later = (days: number) => new Date(DATE.getTime() + days * DAY_MS);
const context = contextOf([sumStatuses]);

let places = 0;

/** The keys and indexes of a table, as lists of columns. */
async function keysOf(dataSource: DataSource, table: string): Promise<string[]> {
  const { type } = dataSource.options;
  const statement =
    type === 'better-sqlite3'
      ? 'select i.name, group_concat(c.name) as columns from pragma_index_list(?) i, ' +
        'pragma_index_info(i.name) c group by i.name'
      : type === 'postgres'
        ? "select string_agg(a.attname, ',' order by k.n) as columns from pg_index i, " +
          'unnest(i.indkey) with ordinality k(attnum, n), pg_attribute a ' +
          'where i.indrelid = to_regclass($1) and a.attrelid = i.indrelid ' +
          'and a.attnum = k.attnum group by i.indexrelid'
        : "select group_concat(column_name order by seq_in_index separator ',') as columns " +
          'from information_schema.statistics ' +
          'where table_schema = database() and table_name = ? group by index_name';
  const rows: { columns: string }[] = await dataSource.query(statement, [table]);
  return rows.map(({ columns }) => columns).sort();
}

const BY_PERSON = ['username,date,id', 'visitor_id,date,id'];

describe.each(DATABASES)('The records of a table on %s', (_name, connection) => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  async function open(isEarlier: boolean) {
    const place = `k${process.pid}_${places++}`;
    const tables = tablesOf(place);
    const dataSource = await new DataSource(connection!).initialize();
    undo.push(
      () => dataSource.destroy(),
      () => dropPlace(dataSource, place),
    );
    if (isEarlier) await makeEarlierRecords(dataSource, tables);
    const storage = new SqlStorage({ dataSource, hooks: [sumStatuses], ...tables });
    await storage.open(context);
    undo.push(() => storage.close());
    return { dataSource, storage, table: tables.recordTable };
  }

  async function expectStored(storage: SqlStorage, records: readonly UsageRecord[]) {
    const byPlace = (all: readonly UsageRecord[]) =>
      all.map(({ id, date }) => `${date.getTime()} ${id}`).sort();
    expect(byPlace(await storage.getUsage({ limit: 10_000 }))).toEqual(byPlace(records));
    expect(await storage.verifySummaries()).toEqual([]);
    const { month } = await storage.getSum('status');
    expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(records.length);
  }

  it.skipIf(!connection)('are keyed by date and id alone in a new table', async () => {
    const { dataSource, table } = await open(false);
    expect(await keysOf(dataSource, table)).toEqual(['date,id', ...BY_PERSON]);
  });

  it.skipIf(!connection)('keep the keys of a table of an earlier version', async () => {
    const { dataSource, storage, table } = await open(true);
    await storage.store(makeRecords(3));
    expect(await keysOf(dataSource, table)).toEqual(['date,id', 'id', ...BY_PERSON]);
  });

  it.skipIf(!connection)('are told by date and id in a new table, so sums agree', async () => {
    const { storage } = await open(false);
    const first = makeRecord({ date: DATE });
    const moved = { ...first, date: later(1) };
    await storage.store([first]);
    await storage.store([moved, first]);
    await expectStored(storage, [first, moved]);
    expect(await storage.forget({ username: 'nobody' })).toBe(0);
    expect(await storage.deleteUsage({ endDate: DATE })).toBe(1);
    expect(await storage.getUsage()).toEqual([moved]);
  });

  it.skipIf(!connection).each([
    ['of an earlier version', true],
    ['with a unique index of ids', false],
  ])('are told by the id alone in a table %s', async (_form, isEarlier) => {
    const { dataSource, storage, table } = await open(isEarlier);
    if (!isEarlier) await dataSource.query(`create unique index ${table}_id on ${table} (id)`);
    const first = makeRecord({ date: DATE });
    const other = makeRecord({ date: DATE });
    await storage.store([first]);
    await storage.store([{ ...first, date: later(1) }, other]);
    await storage.store([other, { ...first, date: later(-40) }]);
    await expectStored(storage, [first, other]);
  });

  describe.each([
    ['a new table', false],
    ['a table of an earlier version', true],
  ])('in %s', (_form, isEarlier) => {
    it.skipIf(!connection)('are stored once, of whatever form the id is', async () => {
      const { storage } = await open(isEarlier);
      const records = makeRecords(1200, (index) => ({
        // As other generators make ids, and with a date that `anonymize` has made of another.
        ...(index % 3 === 0 && { id: randomUUID() }),
        ...(index % 3 === 1 && { date: later(index % 5) }),
      }));
      await storage.store(records.slice(100, 300));
      await storage.store(records);
      await storage.store(records.toReversed());
      await expectStored(storage, records);
    });

    it.skipIf(!connection)('are deleted one by one among those of one instant', async () => {
      const { storage } = await open(isEarlier);
      const records = makeRecords(1100, (index) => ({
        date: index < 1000 ? DATE : later(1),
        username: index % 2 === 0 ? 'ada' : 'bob',
        status: index % 5 === 0 ? 500 : 200,
      }));
      await storage.store(records);
      expect(await storage.forget({ username: 'ada' })).toBe(550);
      const ofBob = records.filter(({ username }) => username === 'bob');
      await expectStored(storage, ofBob);
      expect(await storage.deleteUsage({ where: { status: 500 } })).toBe(110);
      const left = ofBob.filter(({ status }) => status === 200);
      await expectStored(storage, left);
      expect((await storage.prune({ records: later(1) })).records).toBe(400);
      expect(await storage.countUsage()).toBe(40);
    });

    it.skipIf(!connection)('are read page by page, whichever way', async () => {
      const { storage } = await open(isEarlier);
      const records = makeRecords(60, (index) => ({ date: later(Math.floor(index / 20)) }));
      await storage.store(records);
      const newest = await storage.getUsage();
      const after: UsageRecord[] = [];
      const deep: UsageRecord[] = [];
      for (let last: UsageRecord | undefined; after.length < 60; last = after.at(-1))
        after.push(...(await storage.getUsage({ limit: 7, ...(last && { after: last }) })));
      for (let page = 1; deep.length < 60; page++)
        deep.push(...(await storage.getUsage({ limit: 7, page })));
      expect(after).toEqual(newest);
      expect(deep).toEqual(newest);
    });

    it.skipIf(!connection)('are found by id, wherever its date is', async () => {
      const { storage } = await open(isEarlier);
      const usual = makeRecord({ date: DATE });
      const moved = { ...makeRecord({ date: DATE }), date: later(3) };
      const foreign = makeRecord({ date: later(1), id: randomUUID() });
      await storage.store([usual, moved, foreign, ...makeRecords(20)]);
      for (const record of [usual, moved, foreign]) {
        const where = { id: record.id };
        expect(await storage.getUsage({ where })).toEqual([record]);
        expect(await storage.countUsage({ where })).toBe(1);
        const streamed = [];
        for await (const each of storage.streamUsage({ where })) streamed.push(each);
        expect(streamed).toEqual([record]);
        const outside = { where, startDate: new Date(record.date.getTime() + 1) };
        expect(await storage.getUsage(outside)).toEqual([]);
        expect(await storage.countUsage({ where, endDate: later(-1) })).toBe(0);
        expect(await storage.getUsage({ where, limit: 1, page: 2 })).toEqual([]);
        expect(await storage.getUsage({ where: { ...where, status: 404 } })).toEqual([]);
      }
      expect(await storage.getUsage({ where: { id: makeRecord().id } })).toEqual([]);
    });
  });
});
