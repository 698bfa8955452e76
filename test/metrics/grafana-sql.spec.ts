import { randomBytes } from 'node:crypto';
import { sumRoutes, sumStatuses, sumUserAgents, type UsageRecord } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMysql, SQL_SERVERS } from '../storages/sql/places.js';
import { interpolated, readDashboard } from './support/dashboards.js';

const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2026, 9, 30, 9);
const HOOKS = [sumRoutes, sumStatuses, sumUserAgents];
const STATUSES = [200, 200, 200, 404, 500];

it('The dashboards of both kinds of SQL differ in names alone', () => {
  const [one, other] = ['postgresql.json', 'mysql.json'].map((file) =>
    JSON.stringify(readDashboard(file).json)
      .replaceAll('grafana-postgresql-datasource', 'mysql')
      .replaceAll('${latencies:raw}\\"()', '${latencies:raw}\\"')
      .replaceAll('`', '\\"')
      .replace('track-usage-postgresql', 'track-usage-mysql')
      .replace('PostgreSQL', 'MySQL or MariaDB')
      .replaceAll('where \\"keys\\" >', 'where keys >'),
  );
  expect(one).toBe(other);
});

describe.each(SQL_SERVERS)(
  "On %s, the dashboard's queries answer what is stored",
  (_, connection) => {
    if (connection === undefined) return it.skip('(skipped: no server)');
    const schema = `h${randomBytes(5).toString('hex')}`;
    // A name of which relations have a part, with capitals.
    const names = { schema, recordTable: 'Calls', summaryTable: `Sums of ${'long '.repeat(9)}.` };
    const table = ['schema', 'summaryTable'] as const;
    const quote = isMysql(connection) ? '`' : '"';
    const summaryTable = table.map((each) => quote + names[each] + quote).join('.');
    const dashboard = readDashboard(isMysql(connection) ? 'mysql.json' : 'postgresql.json');
    let dataSource: DataSource;
    let storage: SqlStorage;
    let records: UsageRecord[];
    const values = {
      schema,
      table: names.summaryTable,
      latencies: `${names.summaryTable.slice(0, 50)}_latencies`,
      period: 'hour',
      dimension: 'userAgent',
      __from: FIRST + HOUR_MS,
      __to: FIRST + 5 * HOUR_MS,
    };

    const ask = async (text: string): Promise<Record<string, any>[]> => {
      const rows = await dataSource.query(interpolated(text, values));
      return rows.map((row: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            typeof value === 'string' && value !== '' && !Number.isNaN(+value) ? +value : value,
          ]),
        ),
      );
    };
    const panel = (title: string) =>
      ask(dashboard.queries.find(({ panel }) => panel === title)!.text);

    beforeAll(async () => {
      dataSource = await new DataSource(connection).initialize();
      storage = new SqlStorage({ dataSource, hooks: HOOKS, ...names });
      await storage.open({
        logger: { log() {}, warn() {}, error() {} },
        summaries: HOOKS,
        timeZone: 'UTC',
        maxKeys: 1000,
      });
      const made = makeRecords(300, (at) => ({
        date: new Date(FIRST + (at % 6) * HOUR_MS),
        route: at % 7 === 0 ? null : `/cats/${at % 3}`,
        method: 'GET',
        status: STATUSES[at % 5]!,
        speed: (1 + (at % 50)) / 100,
        contentLength: at,
      }));
      await storage.store(made);
      records = made.filter(({ date }) => +date >= values.__from && +date <= values.__to);
    });
    afterAll(async () => {
      await storage?.close();
      const cascade = isMysql(connection) ? '' : ' cascade';
      await dataSource.query(`drop schema if exists ${schema}${cascade}`);
      await dataSource.destroy();
    });

    it.each(dashboard.queries.map(({ panel, text }) => [panel, text]))('%s', async (_, text) => {
      expect(await ask(text)).not.toEqual([]);
    });

    it('for its variables', async () => {
      const queries = dashboard.variables.filter(({ type }) => type === 'query');
      expect(queries.map(({ name }) => name)).toEqual([
        'schema',
        'table',
        'latencies',
        'dimension',
      ]);
      const [schemas, tables, latencies, dimensions] = await Promise.all(
        queries.map(({ query }) => ask(query)),
      );
      const valuesOf = (rows: Record<string, any>[]) => rows.flatMap((row) => Object.values(row));
      expect(valuesOf(schemas!)).toContain(schema);
      expect(valuesOf(tables!)).toEqual([values.table]);
      expect(valuesOf(latencies!)).toEqual([values.latencies]);
      expect(dimensions!.map(({ dimension }) => dimension).sort()).toEqual([
        'route',
        'status',
        'userAgent',
      ]);
    });

    it('with the same totals, shares and percentiles', async () => {
      const sum = (pick: (record: UsageRecord) => number) =>
        records.reduce((all, record) => all + pick(record), 0);
      expect(await panel('Requests')).toEqual([{ requests: 250 }]);
      expect((await panel('Errors (500 and up)'))[0]!['errors']).toBeCloseTo(
        sum(({ status }) => Number(status === 500)) / 250,
        9,
      );
      expect(await panel('Sent')).toEqual([{ transfer: sum((each) => each.contentLength) }]);
      expectWithin(await panel('95th percentile'), { p95: percentile(records, 95) });
      const hours = await panel('Duration');
      expect(hours).toHaveLength(5);
      for (const { time, ...hour } of hours) {
        const those = records.filter(({ date }) => +date === time * 1000);
        expectWithin([hour], {
          p50: percentile(those, 50),
          p90: percentile(those, 90),
          p95: percentile(those, 95),
          p99: percentile(those, 99),
        });
      }
    });

    it('with the same sums for each status and route', async () => {
      const statuses = await panel('Requests by status');
      expect(statuses.reduce((all, { value }) => all + value, 0)).toBe(250);
      const routes = await panel('Routes');
      const names = new Set(routes.map(({ name }) => name));
      expect(names).toEqual(new Set(['(none)', 'GET /cats/0', 'GET /cats/1', 'GET /cats/2']));
      for (const row of routes) {
        const those = records.filter(
          ({ route }) => (route === null ? '(none)' : `GET ${route}`) === row['name'],
        );
        expect(row['hits']).toBe(those.length);
        expect(row['refused']).toBe(those.filter(({ status }) => status === 404).length);
        expect(row['mean']).toBeCloseTo(
          those.reduce((all, { speed }) => all + speed, 0) / those.length,
          5,
        );
        expectWithin([row], { p50: percentile(those, 50), p95: percentile(those, 95) });
      }
    });

    it('without what version 0.1.0 does not count, in the hours and routes that it has counted', async () => {
      const date = FIRST + 2 * HOUR_MS;
      const where = `where period = 'hour' and date = ${date}`;
      const set = (measured: string) =>
        dataSource.query(`update ${summaryTable} set measured = ${measured} ${where}`);
      await set('hits - 1');
      const hours = await panel('Refused, failed and aborted requests');
      expect(hours).toHaveLength(5);
      for (const { time, failed, ...later } of hours) {
        expect(failed).toEqual(expect.any(Number));
        expect(later).toEqual(
          time * 1000 === date
            ? { refused: null, aborted: null }
            : { refused: expect.any(Number), aborted: 0 },
        );
      }
      const seen: unknown[] = await dataSource.query(
        `select 1 from ${summaryTable} ${where} and dimension = 'route'`,
      );
      const routes = await panel('Routes');
      expect(routes.filter(({ refused }) => refused === null)).toHaveLength(seen.length);
      await set('hits');
    });
  },
);

/** The percentile by the nearest rank. */
function percentile(records: readonly UsageRecord[], percent: number): number {
  const speeds = records.map(({ speed }) => speed).sort((one, other) => one - other);
  return speeds[Math.ceil((percent * speeds.length) / 100) - 1]!;
}

/** Sums know a latency within 2 %. */
function expectWithin([row]: Record<string, any>[], exact: Record<string, number>): void {
  for (const [name, value] of Object.entries(exact)) {
    expect(row![name]).toBeGreaterThan(value * 0.979);
    expect(row![name]).toBeLessThan(value * 1.021);
  }
}
