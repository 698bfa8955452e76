import { MemoryStorage, sumBy, sumRoutes, summary, type UsageRecord } from 'nestjs-track-usage';
import { UsageDashboardModule, type UsageDashboardOptions } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import { onPlatforms, type StartApp, type TestApp } from '../support/applications.js';
import { amount } from '../support/amounts.js';

const DAY = new Date('2026-11-20T12:00:00Z');

const RECORDS: readonly Partial<UsageRecord>[] = [
  { route: '/cats/:id', status: 200, speed: 0.01, consumer: 'acme', username: 'ann' },
  { route: '/cats/:id', status: 404, speed: 0.02, consumer: 'acme', remoteAddr: '192.0.2.1' },
  {
    route: '/cats',
    status: 500,
    speed: 0.5,
    consumer: null,
    trackVar: { plan: 'pro', email: 'a@b' },
  },
  { route: null, status: 404, consumer: 'null', path: '/=1+1' },
];

async function open(
  start: StartApp,
  options: Partial<UsageDashboardOptions> = {},
  records = RECORDS,
): Promise<TestApp> {
  const storage = new MemoryStorage({
    hooks: [sumRoutes, sumBy('username', 'route'), summary('byName', ({ username }) => username)],
  });
  const app = await start({
    track: { storages: [storage] },
    imports: [UsageDashboardModule.forRoot({ guards: 'none', ...options })],
  });
  await storage.store(
    records.map((record, at) => makeRecord({ date: new Date(DAY.getTime() + at), ...record })),
  );
  return app;
}

const RANGE = 'startDate=2026-11-20&endDate=2026-11-21';

onPlatforms('The data of a dashboard on $name', (start) => {
  const json = async ({ fetch }: TestApp, path: string) => {
    const response = await fetch(`/usage/${path}`);
    return { status: response.status, body: await response.json() };
  };

  it('reports as usage.report() does, by its query as parameters', async () => {
    const app = await open(start);
    const { body } = await json(
      app,
      `report.json?metrics=hits,p95&dimensions=route,status&${RANGE}&orderBy.route=asc&limit=2`,
    );
    const report = await app.usage.report({
      metrics: ['hits', 'p95'],
      dimensions: ['route', 'status'],
      startDate: new Date('2026-11-20'),
      endDate: new Date('2026-11-21'),
      orderBy: { route: 'asc' },
      limit: 2,
    });
    expect(body).toEqual(JSON.parse(JSON.stringify(report)));
    expect(body.groups).toBe(4);
  });

  it.each<[string, number[]]>([
    ['where.status=404', [404, 404]],
    ['where.status.gte=500', [500]],
    ['where.status=404&where.status=500', [404, 404, 500]],
    ['where.consumer=null', [500]],
    ['where.consumer=%5Cnull', [404]],
    ['where.consumer.not=acme', [404, 500]],
    ['where.route=/cats/:id&where.status=404', [404]],
    ['where.trackVar.plan=pro', [500]],
    ['where.authorization=false&where.speed.gt=0.015&where.speed.lt=0.4', [404]],
    ['where.path.startsWith=/=', [404]],
  ])('filters by %s', async (filter, statuses) => {
    const app = await open(start);
    const { body } = await json(app, `records.json?${RANGE}&${filter}`);
    expect(body.map((record: UsageRecord) => record.status).sort()).toEqual(statuses);
    const { body: report } = await json(app, `report.json?${RANGE}&${filter}`);
    expect(report.totals.hits).toBe(statuses.length);
  });

  it.each([
    ['report.json?metrics=hist', 'metrics'],
    ['report.json?metric=hits', 'metric'],
    ['report.json?dimensions=rout', 'dimensions'],
    ['report.json?last=week', 'last'],
    ['report.json?limit=0', 'limit'],
    ['report.json?limit=-1', 'limit'],
    ['report.json?limit=1&limit=2', 'limit'],
    ['report.json?startDate=yesterday', 'startDate'],
    ['report.json?interval=year', 'interval'],
    ['report.json?compare=week', 'compare'],
    ['report.json?orderBy.hits=down', 'orderBy.hits'],
    ['report.csv?where.nonsense=1', 'where.nonsense'],
    ['records.json?where.status=many', 'where.status'],
    ['records.json?where.status.above=1', 'where.status.above'],
    ['records.json?limit=100000', 'limit'],
    ['records.json?after=x', 'after'],
    ['records.csv?where.__proto__=1', 'where.__proto__'],
    ['records.ndjson?metrics=hits', 'metrics'],
    ['routes.json?orderBy.hits=desc', 'orderBy.hits'],
    ['tracking.json?last=7d', 'last'],
    ['tracking.csv?where.service=shop', 'where.service'],
    ['panel?name=nonsense', 'name'],
    ['panel?name=tiles&range=9d', 'range'],
    ['panel?name=tiles&start=2026-13-01&end=2026-11-01', 'start'],
    ['panel?name=tiles&start=2026-11-02&end=2026-11-01', 'start'],
    ['panel?name=tiles&compare=month', 'compare'],
    ['panel?name=tiles&where.nonsense=1', 'where.nonsense'],
  ])('answers 400 to %s, and names what is wrong', async (path, field) => {
    const app = await open(start);
    const { status, body } = await json(app, path);
    expect([status, body]).toMatchObject([400, { statusCode: 400 }]);
    expect(body.field === field || String(body.field).startsWith(field)).toBe(true);
    expect(body.message).toContain('expected');
    expect(
      (await app.fetch(`/usage?${path.split('?')[1]!.replace('name=tiles&', '')}`)).status,
    ).toBeLessThan(500);
  });

  it('exports as CSV that no spreadsheet runs, and as lines of JSON', async () => {
    const hostile = [
      '=1+1',
      '+1',
      '-1',
      '@x',
      '\t=1',
      '  =1',
      'a"b,c',
      'a\r\nb',
      '–',
      '＝1',
      '\tx',
      '\rx',
    ];
    const app = await open(
      start,
      {},
      hostile.map((consumer) => ({ consumer })),
    );
    const csv = await (await app.fetch(`/usage/records.csv?${RANGE}`)).text();
    for (const line of ["'=1+1", "'+1", "'-1", "'@x", '"a""b,c"', '"a\r\nb"', "'＝1"])
      expect(csv).toContain(`,${line},`);
    expect(csv).toContain(",'\t=1,");
    expect(csv).toContain(",'\tx,");
    expect(csv).toContain(`,"'\rx",`);
    const report = await (
      await app.fetch(
        `/usage/report.csv?dimensions=consumer&metrics=hits,p95&${RANGE}&compare=week`,
      )
    ).text();
    expect(report.split('\r\n')[0]).toBe('consumer,hits,p95,previous.hits,previous.p95');
    for (const cell of ["'=1+1", "'+1", "'-1", "'@x", "'\tx", `"'\rx"`])
      expect(report).toContain(`\r\n${cell},1,`);
    const lines = await (await app.fetch(`/usage/records.ndjson?${RANGE}&limit=3`)).text();
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).consumer),
    ).toHaveLength(3);
  });

  it('has the data of every panel as CSV and JSON, with the filters of the page', async () => {
    const app = await open(start, { dimensions: ['trackVar.plan'] });
    const html = await (
      await app.fetch('/usage?whole=1&start=2026-11-20&end=2026-11-20&where.status.not=500')
    ).text();
    const menu = html.split('data-export')[1]!.split('</details>')[0]!;
    const links = [...menu.matchAll(/href="([^"]+)"/g)].map(([, link]) =>
      link!.replaceAll('&amp;', '&'),
    );
    const panels = [...html.matchAll(/data-panel="([^"]+)"/g)].map(([, name]) => name!);
    // Some panels have several, and the latest requests have those of the records.
    expect(links.length).toBeGreaterThanOrEqual(2 * panels.length);
    for (const name of panels.filter((each) => each.startsWith('by-')))
      expect(menu).toContain(`dimensions=${name.slice(3)}&`);
    for (const link of links) {
      const response = await app.fetch(`/usage/${link.replace(/^usage\//, '')}`);
      expect([link, response.status]).toEqual([link, 200]);
      const text = await response.text();
      if (link.includes('.csv'))
        expect(response.headers.get('content-disposition')).toMatch(
          /filename="usage-[\w.-]+\.csv"/,
        );
      if (link.includes('report.json')) expect(JSON.parse(text).totals.hits).toBe(3);
      if (link.includes('records.')) expect(text.trim().split('\n').length).toBeGreaterThan(2);
      if (link.includes('tracking.csv')) expect(text).toMatch(/^process,.*\r\n.*,memory,\d+,/);
    }
  });

  it('streams every record that there is', async () => {
    const count = amount({ few: 3000, many: 20_000 });
    const app = await open(
      start,
      {},
      Array.from({ length: count }, () => ({})),
    );
    const text = await (await app.fetch(`/usage/records.ndjson?${RANGE}`)).text();
    const ids = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id as string);
    expect(new Set(ids).size).toBe(count);
  });

  describe('what is hidden', () => {
    const hide = ['remoteAddr', 'username', 'trackVar.email', 'byName'];

    it('is shown nowhere', async () => {
      const app = await open(start, { hide, dimensions: ['trackVar.email', 'trackVar.plan'] });
      const { body } = await json(app, `records.json?${RANGE}`);
      expect(body).toHaveLength(4);
      for (const record of body)
        for (const name of ['remoteAddr', 'xForwardedFor', 'username'])
          expect(record).not.toHaveProperty(name);
      expect(body[1].trackVar).toEqual({ plan: 'pro' });
      const csv = await (await app.fetch(`/usage/records.csv?${RANGE}`)).text();
      expect(csv).not.toMatch(/remoteAddr|username|xForwardedFor|192\.0\.2|a@b|ann/);
      const page = await (await app.fetch('/usage?whole=1&start=2026-11-20&end=2026-11-21')).text();
      expect(page).not.toMatch(/remoteAddr|username|192\.0\.2|a@b|by-byName|trackVar\.email|>ann</);
      expect(page).toContain('trackVar.plan');
      const [id] = body.map((record: UsageRecord) => record.id);
      const one = await (await app.fetch(`/usage?whole=1&record=${id}`)).text();
      expect(one).toContain('contentLength');
      expect(one).not.toMatch(/remoteAddr|username|192\.0\.2/);
    });

    it.each([
      'report.json?dimensions=remote',
      'report.json?dimensions=username',
      'report.json?dimensions=byName',
      'report.json?dimensions=trackVar.email',
      'report.json?metrics=remotes',
      'report.json?where.remote=x',
      'report.json?where.remoteAddr=x',
      'report.json?where.xForwardedFor.contains=x',
      'records.json?where.username.startsWith=a',
      'records.csv?where.trackVar.email=x',
      'panel?name=tiles&where.username=x',
    ])('cannot be asked for: %s', async (path) => {
      const app = await open(start, { hide });
      const { status, body } = await json(app, path);
      expect([status, body.message]).toEqual([
        400,
        expect.stringContaining('what this dashboard shows'),
      ]);
    });
  });

  it('tells about an answer without making it', async () => {
    const app = await open(start);
    for (const path of ['', 'live', 'records.ndjson', 'records.csv', 'report.csv', 'style.css']) {
      const head = await app.fetch(`/usage/${path}`, { method: 'HEAD' });
      expect([path, head.status, await head.text()]).toEqual([path, 200, '']);
      const controller = new AbortController();
      const got = await fetch(`${app.url}/usage/${path}`, { signal: controller.signal });
      expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
      controller.abort();
    }
    const head = await app.fetch('/usage/records.json?limit=x', { method: 'HEAD' });
    expect(head.status).toBe(400);
  });

  it('refuses to follow what no new request belongs to', async () => {
    const app = await open(start);
    expect((await json(app, 'live?start=2020-01-01&end=2020-01-02')).status).toBe(404);
    const { status, body } = await json(app, 'live?since=yesterday');
    expect([status, body.message]).toEqual([400, expect.stringContaining("'yesterday'")]);
  });

  it('has no single requests with records: false', async () => {
    const app = await open(start, { records: false });
    for (const name of ['records.json', 'records.csv', 'records.ndjson', 'live'])
      expect((await app.fetch(`/usage/${name}`)).status).toBe(404);
    const { status } = await json(app, 'panel?name=latest');
    expect(status).toBe(400);
    const page = await (await app.fetch('/usage?whole=1')).text();
    expect(page).not.toContain('id="latest"');
    expect(page).not.toContain('records.');
    const one = await (await app.fetch('/usage?whole=1&record=1')).text();
    expect(one).not.toContain('contentLength');
  });
});
