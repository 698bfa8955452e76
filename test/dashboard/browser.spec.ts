import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Controller, Get } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';
import { UsageDashboardModule, type UsageDashboardOptions } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { onPlatforms, type StartApp, type TestApp } from '../support/applications.js';
import { describeWithProgram } from '../support/programs.js';
import { hostileRecords, memory, shopRecords } from './shop.js';

const TIMEOUT_MS = 120_000;
/** What has to be scrolled, or cannot be seen at all. */
const CUT_OFF = `[...document.querySelectorAll('main *')]
  .filter((each) => !each.closest('details:not([open]), svg, .sr'))
  .filter((each) => getComputedStyle(each).overflowX !== 'visible')
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 200))`;
/** Figures and names in rows that have no place. */
const UNSEEN = `[...document.querySelectorAll('.list td')]
  .filter((each) => each.textContent.trim() !== '' && each.getClientRects().length === 0)
  .map((each) => each.outerHTML.slice(0, 200))`;
/** Words of a few characters that are on two lines. */
const BROKEN = `[...document.querySelectorAll('#consumers td bdi, #latest td:not(.request) bdi, .clients th bdi')]
  .flatMap(({ firstChild }) => firstChild === null ? [] : [...firstChild.data.matchAll(/(?<!\\S)[\\w.]{2,10}(?!\\S)/g)]
    .filter(({ index, 0: word }) => {
      const range = document.createRange();
      range.setStart(firstChild, index);
      range.setEnd(firstChild, index + word.length);
      return range.getClientRects().length > 1;
    }).map(([word]) => word))`;
const OPEN_FIGURES = `for (const each of document.querySelectorAll('.figures')) each.open = true`;
/** Labels in charts that lie on one another, or leave their panel. */
const ACROSS = `[...document.querySelectorAll('.panel')].flatMap((panel) => {
  const { right } = panel.getBoundingClientRect();
  return [...panel.querySelectorAll('.chart svg, .share')].flatMap((svg) => {
    const all = [...svg.querySelectorAll('text')].map((each) => [each, each.getBoundingClientRect()])
      .filter(([, { width }]) => width > 0);
    return all.filter(([each, box], at) => box.right > right ||
      (svg.matches('.share') && box.right > each.parentNode.querySelector('rect').getBoundingClientRect().right) ||
      all.slice(at + 1).some(([, other]) => box.left < other.right && other.left < box.right &&
        box.top < other.bottom && other.top < box.bottom)).map(([each]) => each.outerHTML);
  });
})`;
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

@TrackUsage()
@Controller('shop')
class ShopController {
  @Get(':id')
  get() {
    return 'bought';
  }
}

describeWithProgram(['chromium', 'chromium-browser', 'google-chrome'], 'In Chromium', (path) => {
  let browser: Browser;
  let axe: string;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
    axe = await readFile(axePath, 'utf8');
  }, TIMEOUT_MS);
  afterAll(() => browser?.close());

  onPlatforms('the page on $name', (start, platform) => {
    const complaints: string[] = [];
    const opened: Page[] = [];
    afterEach(async () => {
      for (const page of opened.splice(0)) await page.context().close();
      expect(complaints.splice(0)).toEqual([]);
    });

    async function shop(
      start: StartApp,
      options: Partial<UsageDashboardOptions> = {},
    ): Promise<TestApp> {
      const storage = memory();
      const app = await start({
        track: { storages: [storage], flushInterval: 50 },
        controllers: [ShopController],
        imports: [
          UsageDashboardModule.forRoot({
            guards: 'none',
            dimensions: ['trackVar.plan'],
            ...options,
          }),
        ],
      });
      await storage.store(shopRecords(600, Date.now()));
      return app;
    }

    /** Waits until all panels have come. */
    const complete = (page: Page) =>
      vi.waitFor(
        async () => {
          await page.waitForSelector('footer', { state: 'attached' });
          expect(await page.locator('[data-wait], [aria-busy]').count()).toBe(0);
        },
        { timeout: TIMEOUT_MS, interval: 100 },
      );

    /** A page whose console and refusals are listened to. */
    async function visit(url: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({
        viewport: { width: 1240, height: 900 },
        ...options,
      });
      context.setDefaultTimeout(TIMEOUT_MS);
      const page = await context.newPage();
      opened.push(page);
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          complaints.push(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
      await page.goto(url);
      if (options.javaScriptEnabled !== false) await complete(page);
      return page;
    }

    it(
      'runs nothing of what comes from outside, and the policy refuses nothing',
      async () => {
        const { url } = await shop(start);
        for (const query of ['', '?range=30d', '?where.consumer=%3Cscript%3E', '?compare=off']) {
          const page = await visit(`${url}/usage${query}`);
          expect(await page.title()).toBe('Usage');
          expect(await page.locator('img, main script, main style').count()).toBe(0);
          expect(await page.locator('[data-failed]').count()).toBe(0);
          await page.context().close();
          opened.pop();
        }
      },
      TIMEOUT_MS,
    );

    // What the page looks like does not depend on the server.
    it.runIf(platform.name === 'Express')(
      'shows hostile values of any length in every field as text',
      async () => {
        const app = await shop(start, {
          describeConsumers: (ids) =>
            Object.fromEntries(ids.map((id) => [id, { name: id, group: id }])),
        });
        const records = hostileRecords(Date.now());
        await app.memory().store(records);
        const few = [records[0]!, records[3]!, records.at(-1)!];
        const long = encodeURIComponent(records.at(-1)!.consumer!);
        for (const query of [
          '?range=24h',
          '?range=24h&more=consumers',
          ...few.map(({ id }) => `?record=${id}`),
          ...few.map(({ consumer }) => `?of.consumer=${encodeURIComponent(consumer!)}`),
          `?range=1h&where.consumer=${long}`,
        ]) {
          const page = await visit(`${app.url}/usage${query}`, {
            viewport: { width: 375, height: 800 },
          });
          expect([query, await page.title()]).toEqual([query, 'Usage']);
          expect(await page.locator('img, main script, main style, [data-failed]').count()).toBe(0);
          expect([query, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
            query,
            375,
          ]);
          await page.context().close();
          opened.pop();
        }
      },
      TIMEOUT_MS,
    );

    it.each([
      ['light', 1240],
      ['dark', 1240],
      ['light', 375],
      ['dark', 375],
    ] as const)(
      'has no barrier that axe knows, and cuts nothing off: %s, %d',
      async (colorScheme, width) => {
        // What the page looks like does not depend on the server.
        if (platform.name !== 'Express') return;
        const app = await shop(start);
        // The strongest colours of the shares: routes that answer with one class alone.
        await app
          .memory()
          .store(
            [200, 304, 404, 500].flatMap((status) =>
              Array.from({ length: 100 }, () =>
                makeRecord({ date: new Date(), route: `/only/${status}`, status }),
              ),
            ),
          );
        const page = await visit(`${app.url}/usage?range=30d&where.status.not=418`, {
          colorScheme,
          viewport: { width, height: 800 },
          bypassCSP: true,
        });
        const room: unknown = await page.evaluate(
          '[document.documentElement.scrollWidth, innerWidth]',
        );
        expect(room).toEqual([width, width]);
        // On a wide page, what is too long ends in dots.
        if (width === 375) {
          await page.evaluate(OPEN_FIGURES);
          expect(await page.evaluate(CUT_OFF)).toEqual([]);
          expect(await page.evaluate(UNSEEN)).toEqual([]);
        }
        expect(await page.evaluate(ACROSS)).toEqual([]);
        expect(await page.locator('.heat.a10').count()).toBeGreaterThanOrEqual(4);
        await page.evaluate(axe);
        const found = await page.evaluate<{
          violations: { id: string; nodes: { html: string }[] }[];
        }>('axe.run()');
        const violations = found.violations.map(({ id, nodes }) => [
          id,
          nodes.map(({ html }) => html.slice(0, 200)).slice(0, 3),
        ]);
        expect(violations).toEqual([]);
      },
      TIMEOUT_MS,
    );

    it(
      'is as wide as its window, at every width',
      async () => {
        // What the page looks like does not depend on the server.
        if (platform.name !== 'Express') return;
        const app = await shop(start);
        await app.memory().store(
          Array.from({ length: 400 }, () =>
            makeRecord({
              date: new Date(),
              consumer: 'x'.repeat(2048),
              userAgent: {
                browser: 'W'.repeat(60),
                version: '1',
                platform: null,
                language: null,
                string: null,
                kind: 'browser',
              },
            }),
          ),
        );
        const page = await visit(`${app.url}/usage?range=30d&compare=off`);
        for (const width of [320, 375, 480, 620, 621, 640, 768, 900, 1000, 1001, 1024, 1240]) {
          await page.setViewportSize({ width, height: 800 });
          expect([width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
            width,
            width,
          ]);
        }
      },
      TIMEOUT_MS,
    );

    it(
      'keeps the range and the filters in sight on a phone, and room for the rest',
      async () => {
        // What the page looks like does not depend on the server.
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const viewport = { width: 375, height: 800 };
        const page = await visit(`${url}/usage?range=30d&where.status.not=418`, { viewport });
        await page.evaluate('scrollTo(0, document.body.scrollHeight)');
        for (const stays of ['.seg a[aria-current]', '.chip', '.zone']) {
          const box = await page.locator(stays).first().boundingBox();
          expect([stays, box!.y >= 0 && box!.y + box!.height < 120]).toEqual([stays, true]);
        }
        // What opens from it lies within the window.
        await page.locator('[data-filter] summary').click();
        const form = await page.locator('[data-filter] .pop').boundingBox();
        expect([form!.x >= 0, form!.x + form!.width <= 375]).toEqual([true, true]);
        expect([form!.y >= 0, form!.y + form!.height <= 800]).toEqual([true, true]);
      },
      TIMEOUT_MS,
    );

    it.each([1061, 1240])(
      'gives long words no more room than the names that tell the rows apart: %d',
      async (width) => {
        if (platform.name !== 'Express') return;
        const app = await shop(start);
        const long = (text: string) => text.repeat(128).slice(0, 128);
        await app.memory().store(
          [1, 2, 3].map((each) =>
            makeRecord({
              date: new Date(),
              consumer: `${long('consumer ')}${each}`,
              userAgent: {
                browser: long('client'),
                version: '1',
                platform: null,
                language: null,
                string: null,
                kind: 'browser',
              },
            }),
          ),
        );
        const page = await visit(`${app.url}/usage?range=24h`, {
          viewport: { width, height: 900 },
        });
        const cut: unknown = await page.evaluate(
          `[...document.querySelectorAll('#consumers .scroll, #latest .scroll')]
            .filter((each) => each.scrollWidth > each.clientWidth).map(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])`,
        );
        expect(cut).toEqual([]);
        const name = page.locator('#consumers tbody th').first();
        expect((await name.boundingBox())!.width).toBeGreaterThanOrEqual(130);
      },
      TIMEOUT_MS,
    );

    it(
      'shows the same without JavaScript',
      async () => {
        const { url } = await shop(start);
        const values =
          '[...document.querySelectorAll("main data")].filter((each) => !each.closest("#latest, #tracking")).map((each) => each.value)';
        // Days that are over, so that both pages show the same moment.
        const day = (ago: number) =>
          new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
        const query = `?start=${day(10)}&end=${day(2)}`;
        const scripted = await visit(`${url}/usage${query}`);
        const plain = await visit(`${url}/usage${query}`, { javaScriptEnabled: false });
        await plain.waitForURL(/whole=1/);
        await plain.waitForSelector('footer', { state: 'attached' });
        const figures = await scripted.evaluate<string[]>(values);
        expect(figures.length).toBeGreaterThan(100);
        const without = await plain.content();
        const found = [...without.split('id="latest"')[0]!.matchAll(/<data value="([^"]*)"/g)].map(
          ([, value]) => value,
        );
        expect(found).toEqual(figures);
      },
      TIMEOUT_MS,
    );

    it(
      'filters by a click, opens the own page by a second, and takes the chip away',
      async () => {
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=30d`);
        const row = page.locator('#consumers tbody a.name', { hasText: 'acme' });
        await row.click();
        await page.waitForURL(/where\.consumer=acme/);
        await complete(page);
        expect(await page.locator('.chip', { hasText: 'acme' }).count()).toBe(1);
        // The chosen row has a line, which its bar does not lie over.
        expect(
          await page.evaluate(
            'getComputedStyle(document.querySelector("#consumers tr.on th"), "::after").borderLeftWidth',
          ),
        ).toBe('2px');
        await page.locator('#consumers tbody a.name', { hasText: 'acme' }).click();
        await page.waitForURL(/of\.consumer=acme/);
        expect(await page.locator('h1').textContent()).toBe('acme');
        await page.locator('.chip.own').click();
        await page.waitForURL((address) => !address.search.includes('acme'));
      },
      TIMEOUT_MS,
    );

    it.each(['#routes', '#consumers', '#clients', '#by-release'])(
      'filters by a click anywhere on a row of %s, but not while somebody selects text',
      async (panel) => {
        // What a click does does not depend on the server.
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=30d`);
        const row = page.locator(`${panel} tbody tr:has(a.name[href])`).first();
        const href = (await row.locator('a.name').getAttribute('href'))!;
        // Cells of figures are no links.
        const cell = row.locator('td:not(:has(a))').first();
        await cell.evaluate((each) => getSelection()!.selectAllChildren(each.closest('tr')!));
        await cell.evaluate((each: HTMLElement) => each.click());
        expect(new URL(page.url()).search).toBe('?range=30d');
        await page.evaluate('getSelection().removeAllRanges()');
        await cell.click();
        await page.waitForURL((address) => address.search === href);
      },
      TIMEOUT_MS,
    );

    it.each(['consumers', 'routes', 'statuses'])(
      'filters by Enter on a row of %s, and by another opens its own page',
      async (panel) => {
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=30d`);
        const chosen = `document.activeElement.closest('#${panel} tr')`;
        for (let at = 0; at < 100 && !(await page.evaluate(`!!${chosen}`)); at++)
          await page.keyboard.press('j');
        const name = await page.evaluate(`${chosen}.querySelector('.name').textContent`);
        await page.keyboard.press('Enter');
        await page.waitForURL(/where\./);
        await complete(page);
        expect(await page.evaluate(`${chosen}?.querySelector('.name').textContent`)).toBe(name);
        await page.keyboard.press('Enter');
        await page.waitForURL(/of\./);
        expect(await page.locator('h1').textContent()).toBe(name);
      },
      TIMEOUT_MS,
    );

    it(
      'keeps the chosen row, and tells the shown span, where a panel comes anew',
      async () => {
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=30d`);
        await page.keyboard.press('j');
        const chosen = 'document.activeElement.getAttribute("href")';
        const before = await page.evaluate(chosen);
        expect(before).toContain('where.route');
        // As when a page comes back from the browser's memory, with a part that it still waits for.
        await page.evaluate(`document.getElementById('routes').dataset.wait = '';
          document.getElementById('routes').dataset.old = '';
          document.querySelector('[data-shown]').textContent = 'yesterday';
          dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
        await page.waitForSelector('#routes:not([data-old])');
        // The bar tells the span that the panel shows.
        expect(await page.locator('.zone').textContent()).toMatch(/^\d.* – .* · UTC/);
        expect(await page.evaluate(chosen)).toBe(before);
        expect(await page.locator('#routes tr.at').count()).toBe(1);
      },
      TIMEOUT_MS,
    );

    it.each([
      ['start=2026-11-01&end=2026-11-10', '[', '?'],
      ['start=2026-11-01&end=2026-11-10', ']', '?range=30d'],
      ['start=2026-11-05&end=2026-11-05', '[', '?range=1h'],
      ['start=2026-11-01&end=2026-11-07', ']', '?range=30d'],
    ] as const)(
      "leads from dates of one's own to the next range: %s, %s",
      async (query, key, next) => {
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?${query}`);
        await page.keyboard.press(key);
        await page.waitForURL(`${url}/usage${next}`);
      },
      TIMEOUT_MS,
    );

    it(
      'leads from a filter with a mistake back to the other filters',
      async () => {
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=24h&where.consumer=acme`);
        await page.keyboard.press('/');
        await page.selectOption('[name="add.field"]', 'status');
        await page.selectOption('[name="add.operator"]', 'gte');
        await page.fill('[name="add.value"]', 'abc');
        await page.keyboard.press('Enter');
        await page.locator('.failure').waitFor();
        const link = page.locator('main a').first();
        const plain = 'getComputedStyle(document.querySelector("h1")).color';
        expect(await link.evaluate((each) => getComputedStyle(each).color)).not.toBe(
          await page.evaluate(plain),
        );
        await link.click();
        await page.waitForURL(`${url}/usage?range=24h&where.consumer=acme`);
        await complete(page);
        complaints.length = 0; // the browser says that the answer was a 400
      },
      TIMEOUT_MS,
    );

    it(
      'is used by keys',
      async () => {
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=24h`);
        await page.keyboard.press('j');
        await page.keyboard.press('j');
        expect(await page.evaluate('document.activeElement.closest("tr")?.rowIndex')).toBe(2);
        await page.keyboard.press('k');
        expect(await page.evaluate('document.activeElement.closest("tr")?.rowIndex')).toBe(1);
        for (const [key, open] of [
          ['/', '[data-filter]'],
          ['c', '[data-compare]'],
          ['e', '[data-export]'],
        ] as const) {
          await page.keyboard.press(key);
          await page.waitForSelector(`${open}[open] .pop`);
          await page.keyboard.press('Escape');
          await page.waitForSelector(`${open}:not([open])`);
        }
        await page.keyboard.press('?');
        await page.waitForSelector('dialog[open]');
        await page.keyboard.press('Escape');
        await page.waitForSelector('dialog:not([open])', { state: 'attached' });
        await page.keyboard.press(']');
        await page.waitForURL((address) => !address.search.includes('24h'));
        await page.waitForSelector('html.js');
        await page.keyboard.press('[');
        await page.waitForURL(/range=24h/);
        await complete(page);
        await page.keyboard.press('j');
        await page.keyboard.press('Enter');
        await page.waitForURL(/where\./);
      },
      TIMEOUT_MS,
    );

    it(
      'adds a filter by its form',
      async () => {
        const { url } = await shop(start);
        const page = await visit(`${url}/usage`);
        await page.keyboard.press('/');
        await page.selectOption('[name="add.field"]', 'statusClass');
        await page.fill('[name="add.value"]', '5xx');
        await page.keyboard.press('Enter');
        await page.waitForURL(/where\.statusClass=5xx/);
        expect(await page.locator('.chip', { hasText: '5xx' }).count()).toBe(1);
      },
      TIMEOUT_MS,
    );

    it(
      'shows what a bucket holds at the pointer',
      async () => {
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?range=30d`);
        await page.locator('#traffic .tall .plot').hover({ position: { x: 400, y: 100 } });
        await page.waitForSelector('.tip');
        expect(await page.locator('.tip').textContent()).toMatch(/2xx.*all.*before.*p50/);
        // With the colour of each, and its unit set off.
        expect(await page.locator('.tip .k.s2, .tip .k.p95').count()).toBe(2);
        expect(await page.locator('.tip small').count()).toBeGreaterThan(0);
      },
      TIMEOUT_MS,
    );

    it(
      'shows new requests as they come, of other processes too, and stops at a key',
      async () => {
        const app = await shop(start);
        const page = await visit(`${app.url}/usage`);
        await page.keyboard.press('l');
        await page.waitForSelector('[data-live][aria-pressed="true"]');
        await app.fetch('/shop/1');
        await page.waitForSelector('#latest tr.fresh:has-text("/shop/1")');
        // A record that another process has stored.
        await app.memory().store([makeRecord({ date: new Date(), path: '/elsewhere' })]);
        await page.waitForSelector('#latest tr.fresh:has-text("/elsewhere")');
        await page.keyboard.press('l');
        await page.waitForSelector('[data-live][aria-pressed="false"]');
      },
      TIMEOUT_MS,
    );

    it(
      'shows live what came before it began and while it was paused, in the order of the list',
      async () => {
        const app = await shop(start);
        const page = await visit(`${app.url}/usage`);
        const began = Date.now();
        const store = (name: string, ago: number) =>
          app.memory().store([makeRecord({ date: new Date(began - ago), path: `/${name}` })]);
        const paths = () => page.locator('#latest td.request').allTextContents();
        const switched = (to: boolean) =>
          page.waitForSelector(`#latest [data-live][aria-pressed="${to}"]`);
        const shows = (name: string) => page.waitForSelector(`#latest tr:has-text("/${name}")`);
        const all = await paths();
        await store('before', 20);
        await page.keyboard.press('l');
        await shows('before');
        await page.keyboard.press('l');
        await switched(false);
        await store('paused', 10);
        // It took so long that it is stored after those that came later.
        await store('slow', 15);
        await page.keyboard.press('l');
        await shows('slow');
        await store('after', 0);
        await shows('after');
        const named = (await paths()).map((text) => text.replace(/^[A-Z]+ +/, ''));
        expect(named.slice(0, 4)).toEqual(['/after', '/paused', '/slow', '/before']);
        expect(named.length).toBe(all.length + 4);
      },
      TIMEOUT_MS,
    );

    it(
      'is live only where what comes belongs to what is shown',
      async () => {
        const { url } = await shop(start);
        const page = await visit(`${url}/usage?start=2020-01-01&end=2020-01-02`);
        expect(await page.locator('[data-live]').count()).toBe(0);
        await page.goto(`${url}/usage`);
        await complete(page);
        expect(await page.locator('[data-live]').count()).toBe(2);
        await page.getByText('older', { exact: true }).click();
        await complete(page);
        expect(await page.locator('[data-live]').count()).toBe(0);
        await page.getByText('newest', { exact: true }).click();
        await complete(page);
        expect(await page.locator('[data-live]').count()).toBe(2);
        await page.locator('#latest tbody a.name').first().click();
        await page.waitForURL(/record=/);
        await complete(page);
        expect(await page.locator('[data-live], .seg, [data-compare]').count()).toBe(0);
        await page.getByText('All requests', { exact: true }).click();
        await page.waitForSelector('#routes');
      },
      TIMEOUT_MS,
    );

    it(
      'lets the application close while a page is live, no second later than without it',
      async () => {
        const app = await shop(start);
        const alone = await shop(start);
        const page = await visit(`${app.url}/usage`);
        const live = page.waitForResponse(/\/live/);
        await page.keyboard.press('l');
        await live;
        const began = performance.now();
        const timed = ({ close }: TestApp) => close().then(() => performance.now() - began);
        // Both at once, so that a busy machine delays both.
        const [took, tookAlone] = await Promise.all([timed(app), timed(alone)]);
        await page.keyboard.press('l');
        expect(took - tookAlone).toBeLessThan(1000);
        complaints.length = 0; // the browser says that its stream has ended
      },
      TIMEOUT_MS,
    );

    it.each(['light', 'dark'] as const)(
      'is printed on white, with the figures of its charts, and nothing cut off: %s',
      async (colorScheme) => {
        // What the page looks like does not depend on the server.
        if (platform.name !== 'Express') return;
        const { url } = await shop(start);
        // The width of A4 between margins of a centimetre.
        const viewport = { width: 718, height: 1000 };
        const page = await visit(`${url}/usage?range=30d&where.status.not=418`, {
          colorScheme,
          viewport,
        });
        const figures = page.locator('#traffic .figures td.n').last();
        expect(await figures.isVisible()).toBe(false);
        await page.emulateMedia({ media: 'print' });
        expect(await figures.isVisible()).toBe(true);
        const colours: unknown = await page.evaluate(
          '[document.body, ...document.querySelectorAll(".panel, .tile, .top")].map((each) => getComputedStyle(each).backgroundColor)',
        );
        expect([...new Set(colours as string[])]).toEqual(['rgb(255, 255, 255)']);
        // All that stands in a panel or a tile ends within it.
        const cut: unknown = await page.evaluate(
          `[document.documentElement, ...document.querySelectorAll('.panel .scroll, .tile, .tile .name')]
            .filter((each) => each.scrollWidth > each.clientWidth + 1)
            .map((each) => each.outerHTML.slice(0, 90))`,
        );
        expect(cut).toEqual([]);
        expect(await page.evaluate(BROKEN)).toEqual([]);
        for (const hidden of ['.tools', '.seg', '.chip.add', '.side', '.advice', 'footer'])
          expect([hidden, await page.locator(`${hidden}:visible`).count()]).toEqual([hidden, 0]);
        // What is seen stands on it: the filters, the comparison and the dates.
        for (const shown of ['.chip', '.cmp', '.zone'])
          expect([shown, await page.locator(`${shown}:visible`).count()]).toEqual([shown, 1]);
        const file = (await page.pdf({ format: 'A4' })).toString('latin1');
        expect(file.slice(0, 5)).toBe('%PDF-');
        // Links lead from paper that is read on a screen to the page.
        expect(file).toContain(`${url}/usage?`);
      },
      TIMEOUT_MS,
    );

    it('sends less than 15 kB of script and style', async () => {
      const { fetch } = await shop(start);
      let size = 0;
      for (const name of ['script.js', 'style.css'])
        size += gzipSync(await (await fetch(`/usage/${name}`)).text()).length;
      expect(size).toBeGreaterThan(2000);
      expect(size).toBeLessThan(15_000);
    });

    it(
      'works behind a path that a proxy puts before it',
      async () => {
        const { url } = await shop(start, { path: 'stats' });
        const page = await visit(`${url}/stats/`);
        expect(await page.evaluate('getComputedStyle(document.body).marginTop')).toBe('0px');
        const files = await page.evaluate<string[]>(
          '[document.styleSheets[0].href, document.scripts[0].src]',
        );
        expect(files).toEqual([`${url}/stats/style.css`, `${url}/stats/script.js`]);
      },
      TIMEOUT_MS,
    );
  });
});
