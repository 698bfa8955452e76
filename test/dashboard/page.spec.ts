import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MemoryStorage, type UsageRecord } from 'nestjs-track-usage';
import { UsageDashboardModule, type UsageDashboardOptions } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DashboardSite } from '../../lib/dashboard/site/dashboard-site.js';
import { onPlatforms, type StartApp, type TestApp } from '../support/applications.js';
import { figures, panel, tile } from './html.js';
import { memory, shopRecords } from './shop.js';

const DAY = 86_400_000;

async function open(
  start: StartApp,
  records: readonly UsageRecord[],
  options: Partial<UsageDashboardOptions> = {},
  track: object = {},
): Promise<TestApp> {
  const storage = memory();
  const app = await start({
    track: { storages: [storage], ...track },
    imports: [UsageDashboardModule.forRoot({ guards: 'none', ...options })],
  });
  await storage.store(records);
  return app;
}

const quantile = (values: number[], share: number) => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
};

onPlatforms('The page on $name', (start) => {
  afterEach(() => vi.useRealTimers());

  it('shows the figures of the records', async () => {
    const records = shopRecords(1500, Date.now());
    const { fetch } = await open(start, records);
    const html = await (await fetch('/usage?whole=1&range=30d')).text();
    const count = (is: (record: UsageRecord) => boolean) => records.filter(is).length;
    const all = records.length;
    expect(figures(tile(html, 'hits'))).toEqual([all]);
    expect(figures(tile(html, 'consumers'))).toEqual([
      new Set(records.map(({ consumer }) => consumer).filter((each) => each !== null)).size,
    ]);
    expect(figures(tile(html, 'errorRate'))[0]).toBeCloseTo(
      count(({ status }) => status >= 500) / all,
    );
    expect(figures(tile(html, 'refusedRate'))[0]).toBeCloseTo(
      count(({ status }) => status >= 400 && status < 500) / all,
    );
    expect(figures(tile(html, 'aborted'))[0]).toBeCloseTo(
      count(({ outcome }) => outcome === 'aborted') / all,
    );
    expect(figures(tile(html, 'transfer'))).toEqual([
      records.reduce((sum, { contentLength }) => sum + contentLength, 0),
    ]);
    const p95 = quantile(
      records.map(({ speed }) => speed),
      0.95,
    );
    expect(Math.abs(figures(tile(html, 'p95'))[0]! / p95 - 1)).toBeLessThan(0.021);

    // Each row of the chart's table: 2xx, 3xx, 4xx, 5xx, all, before, p50, p95, p99.
    const rows = panel(html, 'traffic').split('<tbody>')[1]!.split('<tr').slice(1);
    expect(rows).toHaveLength(30);
    rows.forEach((row, at) => {
      const first = new Date();
      const day = Date.UTC(
        first.getUTCFullYear(),
        first.getUTCMonth(),
        first.getUTCDate() - 29 + at,
      );
      const ofDay = records.filter(({ date }) => Math.floor(date.getTime() / DAY) === day / DAY);
      const byClass = [2, 3, 4, 5].map(
        (digit) => ofDay.filter(({ status }) => Math.floor(status / 100) === digit).length,
      );
      expect(figures(row).slice(0, 6)).toEqual([...byClass, ofDay.length, 0]);
    });

    for (const [name, valueOf] of [
      [
        'routes',
        ({ method, route }: UsageRecord) => (route === null ? null : `${method} ${route}`),
      ],
      ['consumers', ({ consumer }: UsageRecord) => consumer],
    ] as const) {
      const hits = new Map<unknown, number>();
      for (const record of records) {
        const value = valueOf(record);
        hits.set(value, (hits.get(value) ?? 0) + 1);
      }
      const [body, foot = ''] = panel(html, name).split('<tfoot>');
      const shown = body!
        .split('data-row')
        .slice(1)
        .map((row) => figures(row)[0]!);
      const most = [...hits.values()].sort((one, other) => other - one).slice(0, 10);
      expect(shown).toEqual(most);
      const left = all - most.reduce((sum, each) => sum + each, 0);
      if (left > 0) expect(figures(foot)[0]).toBe(left);
    }
  });

  it('follows a filter in every panel, and compares with the same weekdays', async () => {
    const records = shopRecords(1500, Date.now());
    const { fetch } = await open(start, records);
    const html = await (await fetch('/usage?whole=1&where.consumer=acme')).text();
    const now = Date.now();
    const first = new Date(now);
    const from = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() - 6);
    const own = records.filter(({ consumer }) => consumer === 'acme');
    const hits = own.filter(({ date }) => date.getTime() >= from).length;
    const before = own.filter(
      ({ date }) => date.getTime() >= from - 7 * DAY && date.getTime() <= now - 7 * DAY,
    ).length;
    expect(figures(tile(html, 'hits'))).toEqual([hits]);
    const change = Math.abs((hits / before - 1) * 100);
    const digits = change < 9.95 ? 1 : 0;
    expect(tile(html, 'hits')).toContain(`${change.toFixed(digits)} %`);
    expect(html).toContain('consumer <b>is</b> <bdi>acme</bdi>');
    for (const name of ['clients', 'statuses', 'by-release', 'latest'])
      expect(panel(html, name)).not.toContain('data-failed');
    const latest = panel(html, 'latest').split('data-row').slice(1);
    expect(latest).toHaveLength(Math.min(25, hits));
    // The second click on a row opens its own page.
    const [, detail] = /href="(\?of\.consumer=acme[^"]*)"/.exec(panel(html, 'consumers')) ?? [];
    expect(detail).toBeDefined();
    const page = await (await fetch(`/usage${detail!.replaceAll('&amp;', '&')}`)).text();
    expect(figures(tile(page, 'hits'))).toEqual([hits]);
    expect(page).not.toContain('data-panel="consumers"');
  });

  it('says in each panel that its figures are counted from records, where sums cannot tell', async () => {
    const { fetch } = await open(start, shopRecords(100, Date.now()));
    const names = ['tiles', 'traffic', 'routes', 'consumers', 'clients', 'statuses', 'by-release'];
    const filtered = await (await fetch('/usage?whole=1&where.country=CH')).text();
    for (const name of names) expect(panel(filtered, name)).toContain('counted from records');
    const whole = await (await fetch('/usage?whole=1')).text();
    const header = (name: string) => panel(whole, name).split('</header>')[0];
    for (const name of ['tiles', 'traffic', 'routes', 'consumers', 'clients'])
      expect(header(name)).not.toContain('counted from records');
    expect(panel(whole, 'tiles')).not.toContain('counted from records');
    expect(panel(whole, 'traffic')).toMatch(/New releases are\s+counted from records/);
  });

  it('says since when there are records where it counts them, and what it counts in part', async () => {
    const since = new Date('2025-03-05T12:00:00Z');
    const halfPast = Date.UTC(2026, 10, 30, 12, 30);
    vi.useFakeTimers({ toFake: ['Date'], now: halfPast });
    const { fetch } = await open(start, [
      ...shopRecords(100, halfPast),
      makeRecord({ date: since }),
      // On both sides of the full hour.
      ...[10, 50].map((minutes) => makeRecord({ date: new Date(halfPast - minutes * 60_000) })),
    ]);
    const note = (html: string, name: string) =>
      /<p class="note">(.*?)<\/p>/s.exec(panel(html, name))?.[1];
    const kept = 'counted from records, kept since 5 Mar 2025';
    const filtered = await (await fetch('/usage?whole=1&where.country=CH')).text();
    expect(note(filtered, 'tiles')).toBe(kept);
    expect(note(filtered, 'traffic')).toBe(`by status class, by hour · ${kept}`);
    expect(note(filtered, 'routes')).toMatch(
      new RegExp(`^\\d+ called with these filters · ${kept}$`),
    );
    expect(note(filtered, 'consumers')).toBe(
      `who calls, by the names of this application · ${kept}`,
    );
    expect(note(filtered, 'clients')).toBe(`share of requests, and of each its versions · ${kept}`);
    expect(note(filtered, 'statuses')).toBe(`per cent of each route · ${kept}`);
    expect(note(filtered, 'by-release')).toBe(kept);
    // Sums know the consumer's requests, and no statuses of theirs.
    const consumer = await (await fetch('/usage?whole=1&where.consumer=acme')).text();
    expect(note(consumer, 'traffic')).toBe(`by status class, by hour · partly ${kept}`);
    expect(note(consumer, 'routes')).toMatch(/^\d+ called with these filters$/);
    // An hour that begins within one: its first minutes are in no sum.
    const hour = await (await fetch('/usage?whole=1&range=1h')).text();
    expect(note(hour, 'routes')).toMatch(new RegExp(`^\\d+ called · partly ${kept}$`));
  });

  it('names the shown span: days where they are whole, and hours with their times', async () => {
    const { fetch } = await open(start, []);
    const shown = async (query: string) => {
      const html = await (await fetch(`/usage?whole=1&${query}`)).text();
      const [, text] = /data-shown[^>]*>([^<]*)</.exec(html) ?? [];
      // A panel that is refreshed says the same.
      const fresh = await (await fetch(`/usage/panel?name=tiles&${query}`)).text();
      expect(fresh).toContain(`data-span="${text}"`);
      return text;
    };
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-01T03:32:10Z') });
    expect(await shown('range=1h')).toBe('1 Dec 2026, 02:33 – 03:32');
    expect(await shown('range=24h')).toBe('30 Nov 2026, 04:00 – 1 Dec 2026, 03:32');
    expect(await shown('range=7d')).toBe('25 Nov 2026 – 1 Dec 2026, 03:32');
    expect(await shown('start=2026-11-01&end=2026-11-30')).toBe('1 Nov 2026 – 30 Nov 2026');
    expect(await shown('start=2026-11-30&end=2026-11-30')).toBe('30 Nov 2026');
  });

  it.each([
    ['range=24h&where.status.gte=abc&where.consumer=acme', '?range=24h&where.consumer=acme'],
    ['range=24h&where.status=abc&where.status.lt=500', '?range=24h&where.status.lt=500'],
    ['where.status.not=x&where.status.not=y&compare=off', '?compare=off'],
    ['where.nope.gte=1&where.consumer=acme', '?where.consumer=acme'],
    ['start=2026-11-30&end=2026-11-01&where.consumer=acme', '?where.consumer=acme'],
    ['start=x&where.consumer=acme', '?where.consumer=acme'],
    ['range=9d&where.consumer=acme', '?where.consumer=acme'],
    ['compare=x&range=24h', '?range=24h'],
    ['after=x&range=24h', '?range=24h'],
  ])('leads from %s to the page without what is wrong', async (query, expected) => {
    const { fetch } = await open(start, []);
    const response = await fetch(`/usage?${query}`);
    expect(response.status).toBe(400);
    const [, href] = /<main.*?<a href="([^"]*)"/s.exec(await response.text()) ?? [];
    expect(href!.replaceAll('&amp;', '&')).toBe(expected);
    expect((await fetch(`/usage${expected}`)).status).toBe(200);
  });

  it('tells once what makes a panel faster', async () => {
    const app = await start({
      track: { storages: [new MemoryStorage({ hooks: [] })] },
      imports: [UsageDashboardModule.forRoot({ guards: 'none' })],
    });
    await app.memory().store(shopRecords(50, Date.now()));
    const html = await (await app.fetch('/usage?whole=1')).text();
    for (const [name, hooks] of [
      ['consumers', ['sumConsumers', "sumBy('consumer', 'client')"]],
      ['clients', ['sumClients', "sumBy('kind', 'status')"]],
    ] as const) {
      expect(panel(html, name).split('Make it faster')).toHaveLength(2);
      for (const hook of hooks) expect(panel(html, name)).toContain(`<code>${hook}</code>`);
    }
  });

  it('has a row for the statuses of the routes that have none', async () => {
    const records = Array.from({ length: 12 }, (_, at) =>
      Array.from({ length: 12 - at }, () =>
        makeRecord({ date: new Date(), route: `/r${at}`, status: at === 11 ? 404 : 200 }),
      ),
    ).flat();
    const { fetch } = await open(start, records);
    const html = await (await fetch('/usage?whole=1')).text();
    const foot = panel(html, 'statuses').split('<tfoot>')[1]!;
    // The last four have 4, 3, 2 and 1 request.
    expect(foot).toContain('4 more');
    expect(figures(foot.split('</tfoot>')[0]!)).toEqual([0.9, 0.1]);
    const all = await (await fetch('/usage?whole=1&more=statuses')).text();
    expect(panel(all, 'statuses')).not.toContain('<tfoot>');
  });

  it('says in points how a rate has changed, and nothing with a comparison of nothing', async () => {
    const at = (days: number, status: number) =>
      makeRecord({ date: new Date(Date.now() - days * DAY), status });
    const records = [
      at(0, 500),
      at(0, 200),
      at(7.5, 500),
      at(7.5, 200),
      at(7.5, 200),
      at(7.5, 200),
    ];
    const { fetch } = await open(start, records);
    const html = await (await fetch('/usage?whole=1&compare=previous')).text();
    expect(tile(html, 'errorRate')).toMatch(/delta bad.*25 points/s);
    const alone = await (await fetch('/usage?whole=1&compare=off')).text();
    expect(tile(alone, 'errorRate')).not.toContain('points');
  });

  it('describes consumers by the names of the application, and survives without them', async () => {
    const describeConsumers = vi.fn((ids: readonly string[]) =>
      Promise.resolve(
        Object.fromEntries(ids.map((id) => [id, { name: `The ${id} company`, group: 'gold' }])),
      ),
    );
    const app = await open(start, [makeRecord({ date: new Date(), consumer: 'acme' })], {
      describeConsumers,
    });
    const html = await (await app.fetch('/usage?whole=1')).text();
    expect(panel(html, 'consumers')).toMatch(/The acme company.*gold/s);
    for (const query of ['of.consumer=acme', 'where.consumer=acme']) {
      const own = await (await app.fetch(`/usage?whole=1&${query}`)).text();
      expect(own).toMatch(/consumer <b>is<\/b> <bdi>\s*The acme company/);
      if (query.startsWith('of')) expect(own).toMatch(/<h1><bdi>The acme company/);
    }
    describeConsumers.mockRejectedValue(new Error('down'));
    const later = await (await app.fetch('/usage?whole=1&range=24h')).text();
    expect(panel(later, 'consumers')).toContain('acme');
  });

  it('shows one request with all its fields, and leads to more of its consumer and route', async () => {
    const [record] = shopRecords(1, Date.now());
    const { fetch } = await open(start, [record!]);
    const html = await (await fetch(`/usage?whole=1&record=${record!.id}`)).text();
    for (const name of Object.keys(record!).filter((each) => each !== 'userAgent'))
      expect(html).toContain(`<dt>${name}</dt>`);
    expect(html).toContain('more of this consumer');
    expect(html).toContain('more of this route');
    const none = await fetch('/usage?whole=1&record=none');
    expect(none.status).toBe(404);
    expect(await none.text()).toMatch(/<header class="top">.*No request has this id/s);
    const closed = await open(start, [record!], { records: false });
    const hidden = await closed.fetch(`/usage?record=${record!.id}`);
    expect(hidden.status).toBe(404);
    expect(await hidden.text()).toMatch(/<header class="top">.*Single requests are not shown/s);
  });

  it('limits itself to its own service where several share the database', async () => {
    const ours = { service: 'shop', date: new Date() };
    const records = [
      makeRecord(ours),
      makeRecord(ours),
      makeRecord({ service: 'billing', date: new Date() }),
    ];
    const { fetch } = await open(start, records, {}, { service: 'shop' });
    const html = await (await fetch('/usage?whole=1')).text();
    expect(figures(tile(html, 'hits'))).toEqual([2]);
    expect(html).toContain('service <b>is</b> <bdi>shop</bdi>');
    const all = await (await fetch('/usage?whole=1&services=all')).text();
    expect(figures(tile(all, 'hits'))).toEqual([3]);
    const alone = await open(start, records.slice(0, 2), {}, { service: 'shop' });
    expect(await (await alone.fetch('/usage?whole=1')).text()).not.toContain('service <b>is</b>');
  });

  it('tells the command that makes the first request, which then is there', async () => {
    const { fetch, url, usage } = await open(start, []);
    const html = await (await fetch('/usage?whole=1')).text();
    const [, address] = /No request yet\..*?<code>curl ([^<]+)<\/code>/s.exec(html) ?? [];
    expect(address).toContain(new URL(url).host);
    expect((await globalThis.fetch(address!)).status).toBe(200);
    await usage.flush();
    const later = await (await fetch('/usage?whole=1&range=24h')).text();
    expect(figures(tile(later, 'hits'))).toEqual([1]);
  });

  it('marks estimates of a sample', async () => {
    const { fetch } = await open(
      start,
      [makeRecord({ date: new Date(), weight: 2 })],
      {},
      { sampleRate: 0.5 },
    );
    const html = await (await fetch('/usage?whole=1')).text();
    expect(tile(html, 'hits')).toContain('~2');
    expect(html).toContain('counts are estimates of a sample');
  });

  it('takes a filter from its form, and leads to the address that holds it', async () => {
    const { fetch } = await open(start, []);
    const response = await fetch(
      '/usage?range=24h&add.field=trackVar.plan&add.operator=not&add.value=null',
      { redirect: 'manual' },
    );
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('?range=24h&where.trackVar.plan.not=null');
  });

  it('asks for its panels as of its own time, so that they share what it has asked', async () => {
    const app = await open(start, [makeRecord({ date: new Date() })]);
    const { fetch } = app;
    const asked = vi.spyOn(app.memory(), 'report');
    // What the routes to delete are found by has spans of its own.
    const ends = () =>
      new Set(asked.mock.calls.flatMap(([query]) => query?.endDate?.getTime() ?? []));
    const began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    const [, at] = / data-at="(\d+)"/.exec(await (await fetch('/usage')).text()) ?? [];
    expect(Number(at)).toBe(began);
    const [ofPage, ...others] = ends();
    expect(others).toEqual([]);
    vi.setSystemTime(began + 9000);
    await fetch(`/usage/panel?name=by-country&at=${at}`);
    await fetch(`/usage/panel?name=routes&at=${at}`);
    expect([...ends()]).toEqual([ofPage]);
    // A page that is older is no longer what anybody else sees.
    for (const [at, other] of [began, began + 900_000, 'x', ''].entries()) {
      const later = began + (at + 1) * 100_000;
      vi.setSystemTime(later);
      await fetch(`/usage/panel?name=routes&at=${other}`);
      expect(Math.max(...ends())).toBeGreaterThan(later);
      expect(Math.max(...ends())).toBeLessThan(later + 10_000);
    }
  });

  it('shows at first what sums tell of a panel, and leaves the rest for later', async () => {
    const shop = await open(start, shopRecords(300, Date.now()));
    const { app } = shop;
    const storage = shop.memory();
    const report = storage.report.bind(storage);
    let moves = 0;
    // What is counted from records takes longer than the first answer waits.
    vi.spyOn(storage, 'report').mockImplementation(async (query) => {
      const dimensions = (query?.dimensions ?? []).join();
      moves++;
      if (['release', 'kind', 'consumer,client'].includes(dimensions))
        return new Promise(() => undefined);
      return report(query).finally(() => moves++);
    });
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const { body } = await app.get(DashboardSite).answer({
      name: '',
      query: new URLSearchParams('range=30d'),
      base: '',
      origin: 'http://localhost',
      signal: new AbortController().signal,
    });
    const page = text(Readable.from(body as AsyncIterable<string>));
    // Until nothing is asked or answered any more, but for what never is.
    for (let still = 0; still < 100;) {
      const known = moves;
      await new Promise((done) => setImmediate(done));
      still = known === moves ? still + 1 : 0;
    }
    vi.runAllTimers();
    const html = await page;
    for (const name of ['traffic', 'consumers', 'clients']) {
      expect(panel(html, name)).toMatch(/^[^>]*data-wait/);
      expect(panel(html, name)).toContain('</table>');
    }
    expect(panel(html, 'routes')).not.toMatch(/^[^>]*data-wait/);
  });

  it('says in each panel which storage has failed', async () => {
    const app = await open(start, [makeRecord({ date: new Date() })]);
    const failing = vi.spyOn(app.memory(), 'report').mockRejectedValue(new Error('disk <full>'));
    const html = await (await app.fetch('/usage?whole=1')).text();
    for (const name of ['tiles', 'traffic', 'routes', 'consumers', 'clients'])
      expect(panel(html, name)).toContain(
        'Storage &#39;memory&#39; failed: disk &lt;full>'
          .replace('&#39;', "'")
          .replace('&#39;', "'"),
      );
    expect(panel(html, 'latest')).not.toContain('failed');
    failing.mockRestore();
    expect(await (await app.fetch('/usage?whole=1')).text()).not.toContain('data-failed');
  });

  it('shows what other processes have told of their tracking, and forgets those that are silent', async () => {
    const app = await open(start, []);
    const state = (name: string, age: number) =>
      JSON.stringify({
        version: 1,
        server: name.split(' ')[0],
        pid: Number(name.split(' ')[1]),
        at: Date.now() - age,
        storages: {
          memory: {
            seen: 9,
            stored: 7,
            waiting: 1,
            inFlight: 0,
            retried: 0,
            dropped: { overflow: 1 },
          },
        },
      });
    await app.memory().changeNote('process', 'a', () => state('host-b 42', 5000));
    await app.memory().changeNote('process', 'b', () => state('host-c 43', 61_000));
    const html = panel(await (await app.fetch('/usage?whole=1')).text(), 'tracking');
    expect(html).toContain(`${process.pid}`);
    expect(html).toContain('host-b 42');
    expect(html).toMatch(
      /<data value="7">7<\/data> stored · <data value="1">1<\/data> waiting.*lost \(overflow\)/s,
    );
    expect(html).not.toContain('host-c');
  });

  describe('a filter without a request', () => {
    it('is an empty page, not a broken one', async () => {
      const { fetch } = await open(start, shopRecords(20, Date.now()));
      const html = await (await fetch('/usage?whole=1&where.consumer=nobody')).text();
      expect(html).not.toMatch(/data-failed|NaN|undefined|Infinity/);
      for (const name of ['traffic', 'routes', 'clients', 'statuses', 'by-country', 'by-release'])
        expect(panel(html, name)).toContain('No request has these filters');
      // What filters may have left out needs no option.
      expect(html).not.toMatch(/Set the option|The option/);
      const [{ route }] = shopRecords(20, Date.now()) as [UsageRecord];
      const record = makeRecord({ date: new Date(), route, release: null });
      const plain = await open(start, [record, makeRecord({ date: new Date(), release: '1' })]);
      const own = await (await plain.fetch(`/usage?whole=1&of.route=GET+${route}`)).text();
      expect(panel(own, 'by-release')).toContain('No request with these filters has a release.');
    });
  });
});
