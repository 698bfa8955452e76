import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainLayout } from '../../../lib/storages/sql/layout/plain-layout.js';
import { RecordQueries } from '../../../lib/storages/sql/records/record-queries.js';
import { WindowStarts } from '../../../lib/storages/sql/records/window-starts.js';
import { sqliteDialect } from '../../../lib/storages/sql/dialects/sqlite.dialect.js';
import type { StoppableReading } from '../../../lib/storages/sql/engines/stoppable-reading.js';
import type { SqlStatement } from '../../../lib/storages/sql/sql-statement.js';
import { randomNumbers } from '../../../lib/testing/contract/random-traffic.js';

const SIZE = 100;
const COUNT = 5000;
const DAY = 86_400_000;

describe('The windows by which the records of an SQLite file are added up', () => {
  const { records: table } = plainLayout(sqliteDialect, { recordTable: 'records' });
  let database: Sqlite.Database;
  let counted: number;
  const reading = {
    async read({ sql, values }: SqlStatement) {
      if (sql.includes('offset')) counted++;
      return database.prepare(sql).all(...values) as object[];
    },
  } as unknown as StoppableReading;

  beforeEach(() => {
    counted = 0;
    database = new Sqlite(':memory:');
    database.exec('create table records (id text, date integer, primary key (date, id))');
  });
  afterEach(() => database.close());

  function insert(dates: readonly number[]): void {
    const statement = database.prepare('insert into records (id, date) values (?, ?)');
    for (const [at, date] of dates.entries()) statement.run(String(at), date);
  }

  /** The records of each window, the newest first. */
  async function windows(start: number | null, last: number): Promise<number[]> {
    const starts = new WindowStarts(reading, new RecordQueries(table), SIZE);
    const count = database.prepare('select count(*) from records where date between ? and ?');
    const sizes: number[] = [];
    for (let end = last; ;) {
      const filter = {
        start: start === null ? null : new Date(start),
        end: new Date(end),
        where: [],
      };
      const from = await starts.next(filter);
      const first = from?.getTime() ?? start ?? -1;
      expect(first).toBeLessThanOrEqual(end);
      sizes.push(count.pluck().get(first, end) as number);
      if (from === null) return sizes;
      end = first - 1;
    }
  }

  function expectSizes(sizes: readonly number[], most: number): void {
    expect(sizes.reduce((sum, size) => sum + size)).toBe(COUNT);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
    expect(sizes.length).toBeLessThan((3 * COUNT) / SIZE);
  }

  it('are about as large where records came in the order of their dates, and only the first is counted', async () => {
    insert(Array.from({ length: COUNT }, (_, at) => at * 1000));
    expectSizes(await windows(0, COUNT * 1000), SIZE * 1.5);
    expect(counted).toBe(1);
  });

  it('stay as small where few records came for long, and many at once before', async () => {
    const dense = Array.from({ length: COUNT - 500 }, (_, at) => at);
    const sparse = Array.from({ length: 500 }, (_, at) => COUNT + (at + 1) * DAY);
    insert([...dense, ...sparse]);
    expectSizes(await windows(0, COUNT + 501 * DAY), SIZE * 1.5);
  });

  it('stay as small where nights without a request divide the days', async () => {
    insert(Array.from({ length: COUNT }, (_, at) => Math.floor(at / 80) * DAY + (at % 80) * 500));
    expectSizes(await windows(0, (COUNT / 80 + 1) * DAY), SIZE * 1.5);
  });

  it('stay as small where records came in no order', async () => {
    const random = randomNumbers(7);
    const dates = Array.from({ length: COUNT }, (_, at) => at * 1000);
    insert(
      dates
        .map((date) => [random(), date] as const)
        .sort(([a], [b]) => a - b)
        .map(([, date]) => date),
    );
    expectSizes(await windows(0, COUNT * 1000), SIZE * 1.5);
    expect(counted).toBeGreaterThan(1);
  });

  it('are counted in a table whose rows have no numbers', async () => {
    database.exec('drop table records');
    database.exec(
      'create table records (id text, date integer, primary key (date, id)) without rowid',
    );
    insert(Array.from({ length: COUNT }, (_, at) => at * 1000));
    expectSizes(await windows(-1, COUNT * 1000), SIZE);
    expect(counted).toBe(COUNT / SIZE + 1);
  });

  it('are counted where the range has no start', async () => {
    insert(Array.from({ length: COUNT }, (_, at) => at * 1000));
    expectSizes(await windows(null, COUNT * 1000), SIZE);
    expect(counted).toBe(COUNT / SIZE + 1);
  });

  it('are one where there is no record', async () => {
    expect(await windows(0, DAY)).toEqual([0]);
  });
});
