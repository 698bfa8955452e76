import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUsageFilter, parseUsageQuery } from '../../../lib/storages/base/parse-usage-query.js';
import {
  type UsageFilter,
  type UsageQuery,
  type UsageRecord,
  sumRoutes,
  sumUrls,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { dialectOf } from '../../../lib/storages/sql/dialects/dialect-of.js';
import { layoutOf } from '../../../lib/storages/sql/layout/sql-layout.js';
import { RecordQueries } from '../../../lib/storages/sql/records/record-queries.js';
import type { SumPageQuery } from '../../../lib/storages/base/base-storage.js';
import { SumQueries } from '../../../lib/storages/sql/summaries/sum-queries.js';
import type { SqlStatement } from '../../../lib/storages/sql/sql-statement.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './places.js';

const RECORDS = 20_000;
const START = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const STEP = (30 * DAY) / RECORDS;
const week = { startDate: new Date(START + 14 * DAY), endDate: new Date(START + 21 * DAY) };
const middle = { date: new Date(START + 15 * DAY), id: '0197c000-0000-7000-8000-000000000000' };

const hooks = [sumUrls, sumRoutes];
const place = `plans${process.pid}`;

type Database = [name: string, connection: DataSourceOptions | undefined];
const DATABASES: Database[] = [
  ['SQLite', { type: 'better-sqlite3', database: ':memory:' }],
  ...SQL_SERVERS,
];

// One statement for each kind of question, as the storage sends it.
describe.each(DATABASES)('What %s does for a question', (_name, connection) => {
  let dataSource: DataSource;
  let records: RecordQueries;
  let sums: SumQueries;
  let stored: UsageRecord[];
  const first = makeRecord({ date: new Date(START) });
  const start = first.date;

  beforeAll(async () => {
    if (!connection) return;
    dataSource = await new DataSource(connection).initialize();
    const tables = tablesOf(place);
    const storage = new SqlStorage({ dataSource, hooks, ...tables });
    await storage.open(contextOf(hooks));
    for (let at = 0; at < RECORDS; at += 1000) {
      stored = Array.from({ length: 1000 }, (_, index) => recordOf(at + index));
      await storage.store(stored);
    }
    await storage.store([first]);
    const layout = layoutOf(dataSource, await dialectOf(dataSource), tables);
    records = new RecordQueries(layout.records);
    sums = new SumQueries(layout.summaries);
    for (const table of [layout.records.path, layout.summaries.path])
      await dataSource.query(`analyze ${isMysql(connection) ? 'table ' : ''}${table}`);
  });

  afterAll(async () => {
    if (!dataSource) return;
    await dropPlace(dataSource, place);
    await dataSource.destroy();
  });

  // Of two lower bounds SQLite takes one, and looks through all from there on.
  it.skipIf(!connection)('looks no further in a window than the window goes', () => {
    const until = { ...middle, date: new Date(START + 14 * DAY + 1) };
    for (const window of [
      (filter: UsageFilter) => records.count(parseUsageFilter(filter), middle, until),
      (filter: UsageFilter) => records.window(middle, until, 50, 0, parseUsageFilter(filter)),
      (filter: UsageFilter) => records.positions(middle, until, 50, parseUsageFilter(filter)),
    ])
      expect(window(week)).toEqual(window({}));
  });

  // As small a part of the table as a page of 500 is of a million.
  const page = (query: UsageQuery) => () => records.page(parseUsageQuery({ limit: 50, ...query }));
  const after = (filter: UsageFilter) => () => records.after(middle, 50, parseUsageFilter(filter));
  const sumRows: SumPageQuery = {
    dimension: 'url',
    period: 'hour',
    range: { first: START + 14 * DAY, last: START + 15 * DAY },
    key: null,
    order: 'date',
    limit: 100,
    offset: 0,
  };
  const sum = (query: Partial<SumPageQuery>) => () => sums.page({ ...sumRows, ...query });
  const ada = { username: 'ada' };

  const questions: [string, () => SqlStatement][] = [
    ['the first page', page({})],
    ['the first page of a week', page(week)],
    ['a deep page', page({ page: 150 })],
    ['a deep page of a week', page({ ...week, page: 50 })],
    ['a stream', after({})],
    ['a stream of a week', after(week)],
    ['records to count anew', () => records.next(middle, 50, parseUsageFilter(week))],
    ['the oldest records', () => records.oldest(START + DAY, 50)],
    ['records that are sent again', () => records.storedAt(stored.slice(0, 50))],
    ['the first date', () => records.firstDate(START + DAY)],
    ['the number of a week', () => records.count(parseUsageFilter(week))],
    ['somebody', page({ where: ada })],
    ['somebody in a week', page({ ...week, where: ada })],
    ['a later page of somebody', page({ where: ada, limit: 10, page: 5 })],
    ['a stream of somebody', after({ where: ada })],
    ['the number of somebody', () => records.count(parseUsageFilter({ where: ada }))],
    ['an id at its date', page({ startDate: start, endDate: start, where: { id: first.id } })],
    ['a visitor', page({ where: { visitorId: 'visitor-7' } })],
    ['an address in a week', page({ ...week, where: { remoteAddr: '192.0.2.7' } })],
    ['a route in a week', page({ ...week, where: { route: '/cats/:id' } })],
    ['a status in a week', page({ ...week, where: { status: 404 } })],
    ['sums', sum({})],
    ['a later page of sums', sum({ offset: 200 })],
    ['the date at the end of a page of sums', () => sums.lastDate(sumRows)],
    ['the sums of one key', sum({ key: 'http://shop.example/cats/7' })],
    ['the sums with most hits', sum({ order: 'hits' })],
    ['the sums of a day', sum({ period: 'day', range: { first: START, last: START } })],
    ['the sums of a month', sum({ period: 'month', range: { first: START, last: START } })],
  ];

  it.skipIf(!connection).each(questions)(
    'reads no table as a whole for %s',
    async (_question, statement) => {
      const plan = await planOf(dataSource, statement());
      expect(plan).not.toEqual([]);
      expect(plan.join('\n')).not.toContain('undefined');
      expect(plan.filter(readsAll)).toEqual([]);
    },
  );

  it.skipIf(!connection).each(questions)('gives rows for %s', async (_question, statement) => {
    const { sql, values } = statement();
    expect(await dataSource.query(sql, [...values])).not.toEqual([]);
  });

  it.skipIf(!connection)('finds what it deletes by its key', async () => {
    const plan = await planOf(dataSource, records.delete(stored.slice(0, 50)));
    expect(plan).not.toEqual([]);
    expect(plan.filter(readsAll)).toEqual([]);
  });

  it.skipIf(!connection)('reads no more of what a deep page skips than its index', async () => {
    const plan = await planOf(dataSource, page({ page: 150 })());
    // SQLite looks a row up in the table when it gives it, not when it passes over it.
    expect(plan).toContainEqual(
      expect.stringMatching(/SCAN t USING INDEX|Index Only Scan|Using index$/),
    );
  });

  it.skipIf(!connection)('sorts nothing for a page', async () => {
    for (const statement of [page({}), page(week), after({}), after(week)])
      expect((await planOf(dataSource, statement())).join('\n')).not.toMatch(
        /TEMP B-TREE|Sort|filesort/,
      );
  });

  it.skipIf(!connection)('asks sums of the table of sums alone', () => {
    for (const [, statement] of questions.filter(([name]) => name.includes('sums')))
      expect(statement().sql).not.toContain(tablesOf(place).recordTable);
  });
});

function recordOf(index: number) {
  return makeRecord({
    date: new Date(START + index * STEP),
    url: `http://shop.example/cats/${index % 40}`,
    route: index % 20 === 0 ? '/cats/:id' : '/dogs/:id',
    status: index % 20 === 1 ? 404 : 200,
    username: index % 200 === 0 ? 'ada' : index % 5 === 0 ? `user-${index % 997}` : null,
    visitorId: `visitor-${index % 1999}`,
    remoteAddr: `192.0.2.${index % 250}`,
  });
}

// MySQL draws a tree, unless it is told to make a table.
const EXPLAIN: Record<string, string> = {
  'better-sqlite3': 'explain query plan',
  mysql: 'explain format = traditional',
};

/** The steps of a plan, each in a line. */
async function planOf(dataSource: DataSource, { sql, values }: SqlStatement): Promise<string[]> {
  const explain = EXPLAIN[dataSource.options.type] ?? 'explain';
  const rows: Record<string, string | number | null>[] = await dataSource.query(
    `${explain} ${sql}`,
    [...values],
  );
  return rows.map((row) => {
    if ('detail' in row) return String(row['detail']);
    if ('QUERY PLAN' in row) return String(row['QUERY PLAN']);
    const { table, type, key, Extra: extra } = row;
    return `${table} ${type} by ${key}: ${extra}`;
  });
}

// The few rows of a subquery may be read as a whole.
function readsAll(step: string): boolean {
  if (/^<derived/.test(step)) return false;
  return /Seq Scan|^SCAN \w+$|^\S+ ALL by/.test(step);
}
