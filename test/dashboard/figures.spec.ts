import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { describeWithProgram } from '../support/programs.js';
import { countedPanels, countedTiles, plainRecords } from './brute-force.js';
import { memory } from './shop.js';

const TIMEOUT_MS = 120_000;
/** Percentiles are within this share. */
const WITHIN = 0.021;

/** Reads in the browser what each panel shows, by the names of its rows. */
const READ = `
  (() => {
    const figures = (part) => [...part.querySelectorAll('data')].map(({ value }) => Number(value));
    const panels = {};
    for (const panel of document.querySelectorAll('[data-panel]')) {
      const rows = {};
      for (const row of panel.querySelectorAll('tr[data-row]')) {
        const name = row.querySelector('.name').textContent.trim().replace(/\\s+/g, ' ');
        rows[name] = figures(row);
      }
      panels[panel.dataset.panel] = rows;
    }
    return {
      panels,
      tiles: [...document.querySelectorAll('[data-tile]')].map((tile) => figures(tile)[0]),
      latest: document.querySelectorAll('#latest tr[data-row]').length,
    };
  })()`;

describeWithProgram(['chromium', 'chromium-browser', 'google-chrome'], 'In Chromium', (path) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  }, TIMEOUT_MS);
  afterAll(() => browser?.close());

  onPlatforms('the figures of every panel on $name', (start) => {
    it(
      'are those of a brute force of the records, with filters too, with a script and without',
      async () => {
        const now = Date.now();
        const records = plainRecords(900, now);
        const storage = memory();
        const { url } = await start({
          track: { storages: [storage] },
          imports: [
            UsageDashboardModule.forRoot({ guards: 'none', dimensions: ['trackVar.plan'] }),
          ],
        });
        await storage.store(records);
        const cases = [
          ['', records],
          ['&where.consumer=acme', records.filter(({ consumer }) => consumer === 'acme')],
          [
            '&where.status.gte=400&where.country=CH',
            records.filter(({ status, ipInfo }) => status >= 400 && ipInfo?.country === 'CH'),
          ],
        ] as const;
        for (const [filter, matching] of cases)
          for (const javaScriptEnabled of [true, false]) {
            const context = await browser.newContext({ javaScriptEnabled });
            const page = await context.newPage();
            await page.goto(`${url}/usage?range=30d${filter}`);
            if (javaScriptEnabled)
              await vi.waitFor(
                async () => {
                  expect(await page.locator('footer').count()).toBe(1);
                  expect(await page.locator('[data-wait], [aria-busy]').count()).toBe(0);
                },
                { timeout: TIMEOUT_MS, interval: 100 },
              );
            else await page.waitForURL(/whole=1/, { waitUntil: 'load' });
            // What was shown without scripts is read in a page that may run the reader.
            const reader = javaScriptEnabled ? page : await browser.newPage();
            if (!javaScriptEnabled) await reader.setContent(await page.content());
            const { panels, tiles, latest } = await reader.evaluate<{
              panels: Record<string, Record<string, number[]>>;
              tiles: number[];
              latest: number;
            }>(READ);
            const about = `${filter} ${javaScriptEnabled}`;
            expect([about, ...tiles]).toEqual([about, ...countedTiles(matching).map(close)]);
            for (const [name, rows] of Object.entries(countedPanels(matching)))
              expect([about, name, panels[name]]).toEqual([
                about,
                name,
                Object.fromEntries(
                  Object.entries(rows).map(([row, values]) => [row, values.map(close)]),
                ),
              ]);
            expect(latest).toBe(Math.min(25, matching.length));
            if (!javaScriptEnabled) await reader.close();
            await context.close();
          }
      },
      TIMEOUT_MS,
    );
  });
});

/** Equal, but for what percentiles may differ by. */
function close(expected: number | null): unknown {
  if (expected === null || Number.isInteger(expected)) return expected;
  return {
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (actual: unknown) =>
      typeof actual === 'number' && Math.abs(actual / expected - 1) < WITHIN,
    toString: () => 'close to',
    toAsymmetricMatcher: () => `close to ${expected}`,
  };
}
