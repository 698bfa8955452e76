import { VersioningType, type CallHandler, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import compression from 'compression';
import helmet from 'helmet';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { chromium, type Browser } from 'playwright-core';
import { map } from 'rxjs';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { onPlatforms, type StartApp, type TestApp } from '../support/applications.js';
import { startNginx, type RunningNginx } from '../support/nginx.js';
import { describeWithProgram } from '../support/programs.js';
import type { TestPlatform } from '../support/platforms.js';
import { memory, shopRecords } from './shop.js';

const TIMEOUT_MS = 120_000;

/** An application with all that may stand around a page at once. */
async function surrounded(start: StartApp, platform: TestPlatform): Promise<TestApp> {
  const storage = memory();
  const { default: fastifyHelmet } = await import('@fastify/helmet');
  const { default: fastifyCompress } = await import('@fastify/compress');
  const app = await start({
    track: { storages: [storage] },
    imports: [
      UsageDashboardModule.forRoot({ path: 'inside/usage', guards: 'none' }),
      ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1000 }]),
    ],
    providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    configure: async (app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      app.useGlobalInterceptors({
        intercept: (_: ExecutionContext, next: CallHandler) =>
          next.handle().pipe(map((data) => ({ data }))),
      });
      app.useGlobalFilters({
        catch(_error, host) {
          host.switchToHttp().getResponse().status(418).send({ filtered: true });
        },
      });
      app.useGlobalPipes({
        transform() {
          throw new Error('nothing is valid');
        },
      });
      if (platform.name === 'Express') app.use(helmet(), compression({ threshold: 0 }));
      else {
        await (app as NestFastifyApplication).register(fastifyHelmet);
        await (app as NestFastifyApplication).register(fastifyCompress, { threshold: 0 });
      }
    },
  });
  await storage.store(shopRecords(300, Date.now()));
  return app;
}

describeWithProgram(['nginx'], 'Behind nginx', (nginx) => {
  onPlatforms('a page that all stands around, on $name', (start, platform) => {
    let proxy: RunningNginx | undefined;
    afterEach(async () => {
      await proxy?.stop();
      proxy = undefined;
    });

    /** The front of the path is another one for browsers. */
    async function behindNginx(): Promise<string> {
      const { port } = await surrounded(start, platform);
      proxy = await startNginx(nginx, [
        `location /internal/shop/ { proxy_pass http://127.0.0.1:${port}/api/inside/; }`,
      ]);
      return `${proxy.url}/internal/shop/usage`;
    }

    it(
      'has links that work, with a slash at the end and without',
      async () => {
        const page = await behindNginx();
        for (const url of [page, `${page}/`, `${page}?range=30d`, `${page}/?range=30d`]) {
          const html = await (await fetch(url)).text();
          expect(html).toContain('</html>');
          const links = [...html.matchAll(/(?:href|src)="([^"#]+)/g)].map(([, link]) =>
            new URL(link!.replaceAll('&amp;', '&'), url).toString(),
          );
          const files = links.filter((link) => /\.(css|js|svg|csv|json)(\?|$)/.test(link));
          expect(files.length).toBeGreaterThan(10);
          for (const link of files) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
          const query = links.find((link) => link.includes('range=24h'))!;
          expect(await (await fetch(query)).text()).toContain('</html>');
        }
        const added = await fetch(`${page}?add.field=status&add.value=500`);
        expect(added.url).toBe(`${page}?where.status=500`);
        expect(await added.text()).toContain('status <b>is</b>');
      },
      TIMEOUT_MS,
    );

    describeWithProgram(
      ['chromium', 'chromium-browser', 'google-chrome'],
      'in Chromium',
      (path) => {
        let browser: Browser;
        beforeAll(async () => {
          browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
        }, TIMEOUT_MS);
        afterAll(() => browser?.close());

        it(
          'shows all panels, follows a click and new requests, and nothing is refused',
          async () => {
            const url = await behindNginx();
            const page = await browser.newPage();
            const complaints: string[] = [];
            page.on('console', (message) => {
              if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
            });
            page.on('pageerror', (error) => complaints.push(String(error)));
            const complete = () =>
              vi.waitFor(
                async () => {
                  expect(await page.locator('footer').count()).toBe(1);
                  expect(await page.locator('[data-wait], [aria-busy]').count()).toBe(0);
                },
                { timeout: TIMEOUT_MS, interval: 100 },
              );
            await page.goto(`${url}?range=30d`);
            await complete();
            expect(await page.locator('[data-tile="hits"] data').getAttribute('value')).toBe('300');
            expect(await page.evaluate('getComputedStyle(document.body).marginTop')).toBe('0px');
            await page.locator('#consumers a.name', { hasText: 'acme' }).click();
            await page.waitForURL(/where\.consumer=acme/);
            await complete();
            const live = page.waitForResponse(/\/live/);
            await page.keyboard.press('l');
            expect((await live).status()).toBe(200);
            await page.waitForSelector('[data-live][aria-pressed="true"]');
            await page.keyboard.press('l');
            expect(await page.locator('[data-failed]').count()).toBe(0);
            expect(complaints).toEqual([]);
            await page.close();
          },
          TIMEOUT_MS,
        );
      },
    );
  });
});
