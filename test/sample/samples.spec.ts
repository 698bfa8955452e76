import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { RunningSample } from '../support/run-sample.js';
import { describeWithServer } from '../support/servers.js';

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('sample', () => {
  let folder: string;
  let sample: RunningSample;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'track-usage-'))));
  afterEach(async () => {
    await sample.stop();
    await rm(folder, { recursive: true });
  });

  it('05-several-storages sends each record where it belongs', async () => {
    sample = await RunningSample.start('05-several-storages', folder);
    await sample.get('/cats/7');
    await sample.get('/cats/secret');
    await sample.get('/cats/broken');
    const paths = (records: { path: string }[]) => records.map(({ path }) => path);
    expect(paths(await sample.get('/usage/sql'))).toEqual(['/cats/broken', '/cats/7']);
    expect(paths(await sample.get('/usage/audit'))).toEqual([
      '/cats/broken',
      '/cats/secret',
      '/cats/7',
    ]);
    expect(await sample.get('/usage/alerts')).toEqual({
      seen: 3,
      raised: [`GET ${sample.url}/cats/broken: 500`],
    });
    expect((await sample.get('/usage/stats')).storages).toMatchObject({
      sql: { seen: 2, stored: 2 },
      audit: { seen: 3, stored: 3 },
      output: { seen: 2, stored: 2 },
    });
    expect(sample.output).toContain('OUTPUT: GET /cats/7\n');
  });

  it('07-geography says which country a request came from', async () => {
    sample = await RunningSample.start('07-geography', folder);
    await sample.get('/cats', { 'x-forwarded-for': '130.59.31.80' });
    await sample.get('/cats');
    expect(await sample.get('/usage')).toMatchObject([
      { remoteAddr: '127.0.0.1', ipInfo: null },
      { remoteAddr: '130.59.31.80', ipInfo: { country: 'CH' } },
    ]);
    const { month } = await sample.get('/usage/countries');
    expect(month.map(({ key }: { key: string }) => key).sort()).toEqual(['(none)', 'CH']);
  });

  it.each(['cookie', 'daily'])('08-visitors knows visitors again (%s)', async (by) => {
    sample = await RunningSample.start('08-visitors', folder, { VISITORS: by });
    const first = await fetch(`${sample.url}/cats`);
    const [cookie = ''] = first.headers.getSetCookie();
    expect(cookie.startsWith('track_usage=')).toBe(by === 'cookie');
    await sample.get('/cats', by === 'cookie' ? { cookie: cookie.split(';')[0] ?? '' } : {});
    await sample.get('/cats', { 'sec-gpc': '1' });
    const { day } = await sample.get('/usage/visitors');
    expect(day).toMatchObject([{ hits: 2 }, { key: '(none)', hits: 1 }]);
  });

  it('10-dashboard shows the made traffic of a shop, and more keeps coming', async () => {
    sample = await RunningSample.start('10-dashboard', folder, { DEMO_DAYS: '2' });
    await vi.waitFor(() => expect(sample.output).toContain('/usage'), 60_000);
    const report = () => sample.get('/usage/report.json?metrics=hits,consumers&last=24h');
    const { totals } = await report();
    expect(totals.hits).toBeGreaterThan(500);
    expect(totals.consumers).toBeGreaterThan(3);
    await vi.waitFor(
      async () => expect((await report()).totals.hits).toBeGreaterThan(totals.hits),
      60_000,
    );
  });

  it('09-my-usage shows callers their own usage, whatever they ask for', async () => {
    sample = await RunningSample.start('09-my-usage', folder);
    const acme = { 'x-api-key': 'acme-0123456789abcdef' };
    const globex = { 'x-api-key': 'globex-0123456789abcdef' };
    for (const name of ['maru', 'felix', 'nobody'])
      await fetch(`${sample.url}/cats/${name}`, { headers: acme });
    await fetch(`${sample.url}/cats/garfield`, { headers: globex });
    const ask = async (path: string, query: string) => {
      const headers = { ...acme, 'content-type': 'application/json' };
      const init = { method: 'POST', body: query, headers };
      const response = await fetch(`${sample.url}/my-usage/${path}`, init);
      return { status: response.status, body: await response.json() };
    };
    await expect
      .poll(() => sample.get('/my-usage', acme))
      .toMatchObject({ rows: [{ route: 'GET /cats/:name', hits: 3, errors: 0 }], groups: 1 });
    const [own] = (await ask('records', '{}')).body;
    await expect
      .poll(() => sample.get('/my-usage', globex))
      .toMatchObject({ rows: [{ route: 'GET /cats/:name', hits: 1 }] });

    const hers = `globe_${'0'.repeat(64)}`;
    for (const where of [
      '{}',
      '{"consumer":null}',
      `{"consumer":"${hers}"}`,
      '{"consumer":{"not":"x"}}',
      '{"consumer":{"startsWith":"glob"}}',
      '{"consumer":["a"]}',
      '{"consumer":{"in":[]}}',
      '{"consumer":{}}',
      '{"CONSUMER":"x"}',
      '{"__proto__":{"consumer":"x"}}',
      '{"$or":[{},{}]}',
      '{"path":{"contains":"garfield"}}',
      '{"consumerGroup":null}',
      '[]',
      'null',
      '"consumer"',
    ])
      for (const more of ['', ',"limit":10000', ',"consumer":"x"', ',"__proto__":{"where":{}}']) {
        const query = `{"where":${where}${more}}`;
        const records = await ask('records', query);
        const counted = await ask('count', query);
        if (records.status === 200) {
          for (const { consumer } of records.body) expect(consumer, query).toBe(own.consumer);
        } else {
          expect(records.status, query).toBe(400);
        }
        if (counted.status === 200) expect(counted.body.count, query).toBeLessThanOrEqual(3);
        else expect(counted.status, query).toBe(400);
        expect(JSON.stringify([records, counted]), query).not.toContain('/cats/garfield"');
      }
    expect((await ask('records', '{"where":{"status":404}}')).body).toMatchObject([
      { path: '/cats/nobody' },
    ]);
    expect((await ask('count', '{}')).body).toEqual({ count: 3 });
  });

  it('06-own-storage writes a line for each request', async () => {
    sample = await RunningSample.start('06-own-storage', folder);
    await sample.get('/cats/7?name=a,b');
    await sample.stop();
    const [line, ...rest] = (await readFile(join(folder, 'usage.csv'), 'utf8')).trim().split('\n');
    expect(rest).toEqual([]);
    expect(line).toContain(`,GET,"${sample.url}/cats/7?name=a,b",200,`);
    sample = await RunningSample.start('06-own-storage', folder);
  });

  it('12-metrics answers Prometheus', async () => {
    sample = await RunningSample.start('12-metrics', folder);
    await sample.get('/cats/7');
    const metrics = async () => (await fetch(`${sample.url}/metrics`)).text();
    await expect
      .poll(metrics, { timeout: 10_000 })
      .toMatch(/_count\{.*http_route="\/cats\/:id".*\} 1$/m);
    expect(await metrics()).not.toContain('http_route="/metrics"');
  });

  it('13-routes tells which routes nobody calls, and which are deprecated and called', async () => {
    sample = await RunningSample.start('13-routes', folder);
    await sample.get('/cats/7');
    const { headers } = await fetch(`${sample.url}/cats/all`);
    expect(headers.get('sunset')).toBe('Thu, 01 Apr 2027 00:00:00 GMT');
    expect(await sample.get('/routes')).toEqual(
      expect.arrayContaining([
        { route: 'GET /cats/all', hits: 1 },
        { route: 'GET /cats/:id', hits: 1 },
      ]),
    );
    expect(await sample.get('/routes/unused')).toEqual([
      { route: 'GET /cats/:id/photos', hits: 0 },
    ]);
    expect(await sample.get('/routes/deprecated')).toEqual([
      { route: 'GET /cats/all', hits: 1, sunset: '2027-04-01T00:00:00.000Z' },
    ]);
  });

  describeWithServer('CLICKHOUSE', 'with ClickHouse', (url) => {
    it('11-clickhouse tracks into ClickHouse', async () => {
      sample = await RunningSample.start('11-clickhouse', folder, { CLICKHOUSE_URL: url });
      const id = String(process.hrtime.bigint());
      await sample.get(`/cats/${id}`);
      expect((await sample.get('/usage'))[0]).toMatchObject({ viewArgs: { id } });
      const { hour } = await sample.get('/usage/routes');
      expect(hour[0]).toMatchObject({ key: 'GET /cats/:id' });
    });
  });

  describeWithServer('MONGODB', 'with MongoDB', (url) => {
    it('03-mongoose tracks through the application’s own Mongoose', async () => {
      sample = await RunningSample.start('03-mongoose', folder, { MONGODB_URI: url });
      const id = String(process.hrtime.bigint());
      await sample.get(`/cats/${id}`);
      expect((await sample.get('/usage'))[0]).toMatchObject({ viewArgs: { id } });
      expect((await sample.get('/usage/log'))[0]).toContain(`"GET /cats/${id} HTTP/1.1" 200 `);
    });
  });

  describeWithServer('REDIS', 'with Redis', (url) => {
    it('04-redis-fastify tracks into Redis', async () => {
      sample = await RunningSample.start('04-redis-fastify', folder, { REDIS_URL: url });
      const id = String(process.hrtime.bigint());
      await sample.get(`/cats/${id}`);
      expect((await sample.get('/usage'))[0]).toMatchObject({ viewArgs: { id } });
      const { hour } = await sample.get('/usage/routes');
      expect(hour[0]).toMatchObject({ key: 'GET /cats/:id' });
    });
  });

  describeWithServer('POSTGRES', 'with PostgreSQL', (url) => {
    it('02-postgres-typeorm tracks into the application’s own PostgreSQL', async () => {
      sample = await RunningSample.start('02-postgres-typeorm', folder, { DATABASE_URL: url });
      const id = String(process.hrtime.bigint());
      await sample.get(`/cats/${id}`);
      const [latest] = await sample.get('/usage');
      expect(latest).toMatchObject({ route: '/cats/:id', viewArgs: { id } });
      const { clients } = await sample.get('/usage/clients');
      expect(Number(clients)).toBeGreaterThanOrEqual(1);
    });
  });
});
