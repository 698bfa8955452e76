import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { sumRoutes, sumStatuses, type UsageSum } from 'nestjs-track-usage';
import { SqlStorage, usageMigrationsFor } from 'nestjs-track-usage/sql';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeLatency, latencyValue } from '../../../lib/summary/index.js';
import { LATENCY_SLOTS } from '../../../lib/summary/latency-scale.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './places.js';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 9, 30, 9);
const HOOKS = [sumRoutes, sumStatuses];

describe.each(SQL_SERVERS)('On %s, plain SQL reads the latency of sums', (_, connection) => {
  if (connection === undefined) return it.skip('(skipped: no server)');
  const place = `g${randomBytes(5).toString('hex')}`;
  const { summaryTable } = tablesOf(place);
  const call = isMysql(connection) ? '' : '()';
  const [latencies, percentiles] = ['latencies', 'percentiles'].map(
    (relation) => `${summaryTable}_${relation}${call}`,
  ) as [string, string];
  let dataSource: DataSource;
  let storage: SqlStorage;
  const warnings: string[] = [];

  const open = async () => {
    const opened = new SqlStorage({ dataSource, hooks: HOOKS, ...tablesOf(place) });
    await opened.open({
      logger: { log() {}, warn: (line: string) => void warnings.push(line), error() {} },
      summaries: HOOKS,
      timeZone: 'UTC',
      maxKeys: 1000,
    });
    return opened;
  };
  /** The rows of a query, with numbers as numbers. */
  const rows = async (sql: string): Promise<Record<string, any>[]> =>
    (await dataSource.query(sql)).map((row: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === 'string' && /^-?\d[\d.e+-]*$/.test(value) ? Number(value) : value,
        ]),
      ),
    );

  beforeAll(async () => {
    dataSource = await new DataSource(connection).initialize();
    storage = await open();
    // Of every speed from a microsecond to an hour, and routes with keys that are long.
    const speeds = Array.from({ length: 400 }, (_, at) => Math.round(1.06 ** at) / 1e6);
    await storage.store(
      speeds.map((speed, at) =>
        makeRecord({
          date: new Date(START + (at % 3) * HOUR_MS),
          route: at % 5 === 0 ? null : `/${'long/'.repeat(at % 40)}${at % 7}`,
          status: at % 11 === 0 ? 500 : 200,
          speed,
        }),
      ),
    );
    await storage.store(makeRecords(50, { date: new Date(START), speed: 0.25, weight: 1000 }));
  });
  afterAll(async () => {
    await storage?.close();
    await dropPlace(dataSource, place);
    await dataSource.destroy();
  });

  it('as percentiles in plain columns, the same as getSum()', async () => {
    for (const dimension of ['route', 'status'])
      for (const period of ['hour', 'day', 'month'] as const) {
        const sums = (await storage.getSum(dimension, { limit: 10_000 }))[period];
        const found = await rows(
          `select * from ${percentiles} t where dimension = '${dimension}' and period = '${period}'`,
        );
        expect(found).toHaveLength(sums.length);
        for (const sum of sums) {
          const row = found.find(
            (each) => String(each['name']) === sum.key && each['date'] === +sum.date,
          )!;
          expect(row).toMatchObject(measuresOf(sum));
          for (const name of ['p50', 'p95', 'p99'] as const)
            expect(row[name]).toBeCloseTo(sum[name], 9);
        }
      }
  });

  it('without the measures that version 0.1.0 does not count, where it has counted', async () => {
    const date = START + 100 * HOUR_MS;
    const key = isMysql(connection) ? '`key`' : '"key"';
    const insert = (name: string, measured: number | null) =>
      dataSource.query(
        `insert into ${summaryTable} (dimension, period, date, ${key}, hits, transfer, errors, ` +
          `duration_us, latency, measured, refused, aborted) values ` +
          `('status', 'hour', ${date}, '${name}', 9, 0, 0, 0, '1:', ${measured}, 4, 2)`,
      );
    await insert('all', 9);
    await insert('some', 8);
    await insert('none', null);
    const found = await rows(
      `select name, hits, refused, aborted from ${percentiles} t ` +
        `where dimension = 'status' and date = ${date} order by name`,
    );
    expect(found).toEqual([
      { name: 'all', hits: 9, refused: 4, aborted: 2 },
      { name: 'none', hits: 9, refused: null, aborted: null },
      { name: 'some', hits: 9, refused: null, aborted: null },
    ]);
    const { hour } = await storage.getSum('status', { startDate: new Date(date), limit: 10 });
    const sums = hour.map(({ key: name, hits, refused, aborted }) => ({
      name,
      hits,
      refused,
      aborted,
    }));
    expect(sums.sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual(found);
    await dataSource.query(`delete from ${summaryTable} where date = ${date}`);
  });

  it('as slots that add up to percentiles of many sums', async () => {
    const [row] = await rows(
      `select min(case when reached >= ceil(95 * total / 100) then seconds end) as p95, ` +
        `max(total) as total from (select seconds, sum(sum(requests)) over (order by seconds) as ` +
        `reached, sum(sum(requests)) over () as total from ${latencies} l ` +
        `where dimension = 'route' and period = 'hour' group by seconds) t`,
    );
    const { month } = await storage.getSum('status', { limit: 10 });
    expect(row!['total']).toBe(month.reduce((sum, { hits }) => sum + hits, 0));
    expect(row!['p95']).toBeCloseTo(0.25, 2);
  });

  it('with the value of every slot, and counts of any size', async () => {
    const counts = new Map(
      Array.from({ length: LATENCY_SLOTS }, (_, slot) => [
        slot,
        slot === 7 ? 2 ** 52 : slot * 97 + 1,
      ]),
    );
    const table = `${summaryTable}`;
    const key = isMysql(connection) ? '`key`' : '"key"';
    await dataSource.query(
      `insert into ${table} (dimension, period, date, ${key}, hits, transfer, errors, duration_us, ` +
        `latency) values ('slots', 'hour', 1, 'all', 1, 0, 0, 0, '${encodeLatency(counts)}'), ` +
        `('slots', 'hour', 1, 'none', 1, 0, 0, 0, '1:'), ` +
        `('slots', 'hour', 1, 'later', 1, 0, 0, 0, '2:zzz')`,
    );
    const found = await rows(
      `select * from ${latencies} t where dimension = 'slots' order by seconds`,
    );
    // Slots between two whole microseconds are never counted, and their value is of no use.
    const values = [...counts].filter(([slot]) => slot === 0 || isFilled(slot));
    expect(found).toHaveLength(counts.size);
    const bySeconds = new Map(found.map((each) => [each['requests'], each['seconds']]));
    for (const [slot, count] of values) {
      const seconds = bySeconds.get(count)!;
      expect(seconds / (latencyValue(slot) || 1)).toBeCloseTo(slot === 0 ? 0 : 1, 9);
    }
    const sums = await rows(
      `select name, hits, p50 from ${percentiles} t where dimension = 'slots' order by name`,
    );
    expect(sums).toMatchObject([
      { name: 'all', hits: 1, p50: expect.any(Number) },
      { name: 'later', hits: 1, p50: null },
      { name: 'none', hits: 1, p50: null },
    ]);
    await dataSource.query(`delete from ${table} where dimension = 'slots'`);
  });

  if (isMysql(connection))
    it('in views that read with the rights of who asks', async () => {
      const found = await dataSource.query(
        'select security_type as type from information_schema.views ' +
          'where table_schema = database() and table_name in (?)',
        [[latencies, percentiles]],
      );
      expect(found).toEqual([{ type: 'INVOKER' }, { type: 'INVOKER' }]);
    });

  it('and the table can be dropped, and made again by the next start', async () => {
    await storage.close();
    await dataSource.query(`drop table ${summaryTable}`);
    storage = await open();
    await storage.store(makeRecords(3, { date: new Date(START), speed: 0.1 }));
    const [row] = await rows(
      `select sum(requests) as n from ${latencies} t where dimension = 'route' and period = 'hour'`,
    );
    expect(row!['n']).toBe(3);
  });

  const drop = isMysql(connection) ? 'view' : 'function';

  it.each([[[latencies]], [[percentiles]], [[latencies, percentiles]]])(
    'and the next start makes it again where it was lost: %s',
    async (lost) => {
      await storage.close();
      for (const relation of lost) await dataSource.query(`drop ${drop} ${relation}`);
      warnings.length = 0;
      storage = await open();
      for (const relation of [latencies, percentiles])
        expect(await rows(`select name from ${relation} t where period = 'month'`)).not.toEqual([]);
      expect(warnings).toEqual([]);
    },
  );

  const taken = `${summaryTable}_latencies`;
  /** Gives the name of a relation to something else. */
  const takeName = async () => {
    if (isMysql(connection)) {
      await dataSource.query(`drop view ${taken}`);
      await dataSource.query(`create table ${taken} (id int)`);
    } else {
      await dataSource.query(`drop function ${taken}()`);
      await dataSource.query(`create procedure ${taken}() language sql as 'select 1'`);
    }
  };
  const freeName = () =>
    dataSource.query(isMysql(connection) ? `drop table ${taken}` : `drop procedure ${taken}()`);

  it('and a start goes on where the database refuses to make it', async () => {
    await storage.close();
    const ledger = `${tablesOf(place).recordTable}_migrations`;
    await dataSource.query(`delete from ${ledger} where name like 'AddLatencyRelations%'`);
    await takeName();
    warnings.length = 0;
    storage = await open();
    expect(warnings).toEqual([
      expect.stringMatching(/AddLatencyRelations\d+ could not run.*next start/),
    ]);
    await storage.store(makeRecords(1, { date: new Date(START), speed: 0.1 }));
    await storage.close();
    await freeName();
    warnings.length = 0;
    storage = await open();
    expect(warnings).toEqual([]);
    expect(await rows(`select name from ${latencies} t where period = 'month'`)).not.toEqual([]);
  });

  it.each(['all', 'each', 'none'] as const)(
    "and the application's own migrations go on there, with transactions: %s",
    async (transaction) => {
      const own = `own_${place}`;
      class Later implements MigrationInterface {
        readonly name = 'Later9999999999999';
        async up(runner: QueryRunner) {
          await runner.query(`create table ${own}_later (id int)`);
        }
        async down() {}
      }
      const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
      const application = await new DataSource({
        ...connection,
        migrations: [...usageMigrationsFor(tablesOf(place)), Later],
        migrationsTableName: own,
      }).initialize();
      await takeName();
      try {
        const ran = await application.runMigrations({ transaction });
        expect(ran.at(-1)!.name).toBe('Later9999999999999');
        expect(warn.mock.calls).toEqual([
          [expect.stringMatching(/AddLatencyRelations\d+ could not run.*delete its row/)],
        ]);
        expect(await dataSource.query(`select * from ${own}_later`)).toEqual([]);
        await freeName();
        await dataSource.query(`delete from ${own} where name like 'AddLatencyRelations%'`);
        const again = await application.runMigrations({ transaction });
        expect(again.map(({ name }) => name)).toEqual([
          expect.stringMatching(/^AddLatencyRelations/),
        ]);
        expect(warn).toHaveBeenCalledTimes(1);
        expect(await rows(`select name from ${latencies} t where period = 'month'`)).not.toEqual(
          [],
        );
      } finally {
        warn.mockRestore();
        await application.destroy();
        await dataSource.query(`drop table if exists ${own}`);
        await dataSource.query(`drop table if exists ${own}_later`);
      }
    },
  );

  it('and storages that start at once do not get into the way of each other', async () => {
    await storage.close();
    const ledger = `${tablesOf(place).recordTable}_migrations`;
    await dataSource.query(`delete from ${ledger} where name like 'AddLatencyRelations%'`);
    warnings.length = 0;
    const opened = await Promise.all(Array.from({ length: 6 }, open));
    for (const each of opened.slice(1)) await each.close();
    [storage] = opened as [SqlStorage];
    expect(warnings).toEqual([]);
    expect(await rows(`select name from ${percentiles} t where period = 'month'`)).not.toEqual([]);
  });

  it('and the migration can be undone', async () => {
    const migration = usageMigrationsFor(tablesOf(place)).find((each) =>
      new each().name!.startsWith('AddLatencyRelations'),
    )!;
    const runner = dataSource.createQueryRunner();
    await new migration().down(runner);
    await expect(dataSource.query(`select 1 from ${latencies} t`)).rejects.toThrow(/exist/);
    await new migration().up(runner);
    expect(await rows(`select name from ${percentiles} t where period = 'month'`)).not.toEqual([]);
    await runner.release();
  });
});

function measuresOf({ hits, transfer, errors, refused, aborted }: UsageSum) {
  return { hits, transfer, errors, refused, aborted };
}

/** Whether a slot holds a whole microsecond. */
function isFilled(slot: number): boolean {
  return slot === 1 || Math.floor(1.04 ** (slot - 1)) > Math.floor(1.04 ** (slot - 2));
}
