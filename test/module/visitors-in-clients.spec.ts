import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Controller, Get, Header, Res } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../storages/sql/places.js';
import { onPlatforms, type StartApp } from '../support/applications.js';
import { describeWithProgram } from '../support/programs.js';

const THIRTEEN_MONTHS = 34_128_000;
const ID = /^[\w-]{22}$/;
// What Chromium itself keeps a cookie for, at most.
const CHROMIUM_AGE = 400 * 24 * 3600;

@TrackUsage()
@Controller()
class ShopController {
  @Header('Content-Type', 'text/html')
  @Get()
  home() {
    return '<!doctype html><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>';
  }

  @Get('basket')
  basket(@Res({ passthrough: true }) response: any) {
    response.header('Set-Cookie', ['basket=3; Path=/', 'session=s1; Path=/; HttpOnly']);
    return { items: 3 };
  }
}

interface Shop {
  readonly url: string;
  readonly visitors: () => Promise<(string | null)[]>;
}

async function openShop(start: StartApp): Promise<Shop> {
  const { url, records } = await start({
    track: { cookie: true },
    controllers: [ShopController],
  });
  return { url, visitors: async () => (await records()).map(({ visitorId }) => visitorId) };
}

describeWithProgram(['chromium', 'chromium-browser', 'google-chrome'], 'In Chromium', (path) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  onPlatforms('the cookie of visitors on $name', (start) => {
    let shop: Shop;
    let context: BrowserContext;
    beforeEach(async () => {
      shop = await openShop(start);
      context = await browser.newContext();
    });
    afterEach(() => context.close());

    const cookie = async (name = 'track_usage') =>
      (await context.cookies(shop.url)).find((each) => each.name === name);
    const visit = async (path = '/') => {
      const page = await context.newPage();
      const response = await page.goto(`${shop.url}${path}`);
      const headers = (await response!.headersArray()).filter(
        ({ name }) => name.toLowerCase() === 'set-cookie',
      );
      const readable = await page.evaluate<string>('document.cookie');
      await page.close();
      return { set: headers.map(({ value }) => value), readable };
    };

    it('is kept by the browser, out of reach of scripts, and not renewed', async () => {
      const { set, readable } = await visit();
      expect(set).toHaveLength(1);
      const first = (await cookie())!;
      expect(first).toMatchObject({
        httpOnly: true,
        sameSite: 'Lax',
        secure: false,
        path: '/',
        domain: '127.0.0.1',
        value: expect.stringMatching(ID),
      });
      const age = first.expires - Date.now() / 1000;
      expect(age).toBeGreaterThan(Math.min(THIRTEEN_MONTHS, CHROMIUM_AGE) - 60);
      expect(age).toBeLessThanOrEqual(THIRTEEN_MONTHS);
      expect(readable).toBe('');

      expect((await visit()).set).toEqual([]);
      expect(await cookie()).toEqual(first);
      expect(await shop.visitors()).toEqual([first.value, first.value]);
    });

    it('stands beside the application’s own cookies, and does them no harm', async () => {
      expect((await visit('/basket')).set).toHaveLength(3);
      expect(await cookie('basket')).toMatchObject({ value: '3', httpOnly: false });
      expect(await cookie('session')).toMatchObject({ value: 's1', httpOnly: true });
      const visitor = await cookie();
      const { set, readable } = await visit('/basket');
      expect(set).toEqual(['basket=3; Path=/', 'session=s1; Path=/; HttpOnly']);
      expect(readable).toBe('basket=3');
      expect(await cookie()).toEqual(visitor);
      expect(await shop.visitors()).toEqual([visitor!.value, visitor!.value]);
    });

    it.each([['forged'], ['x'.repeat(3000)]])('takes the place of %.8s', async (value) => {
      await context.addCookies([{ name: 'track_usage', value, url: shop.url }]);
      expect((await visit()).set).toHaveLength(1);
      const found = (await context.cookies(shop.url)).filter(({ name }) => name === 'track_usage');
      expect(found).toEqual([expect.objectContaining({ value: expect.stringMatching(ID) })]);
      expect(await shop.visitors()).toEqual([found[0]!.value]);
    });

    it.each([['DNT'], ['Sec-GPC']])('is not set where the browser says %s: 1', async (header) => {
      await context.setExtraHTTPHeaders({ [header]: '1' });
      expect((await visit('/basket')).set).toHaveLength(2);
      expect(await cookie()).toBeUndefined();
      expect(await shop.visitors()).toEqual([null]);
    });
  });
});

describeWithProgram(['curl'], 'In curl', (path) => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  onPlatforms('the cookie of visitors on $name', (start, platform) => {
    it('is kept in the jar, sent again, and not renewed', async () => {
      const shop = await openShop(start);
      const jar = join(folder.path, platform.name);
      const curl = async (...options: string[]) => {
        const run = [...options, '-sS', '-i', `${shop.url}/basket`];
        const { stdout } = await promisify(execFile)(path, run);
        return stdout.match(/^set-cookie: .*(?=\r$)/gim) ?? [];
      };
      const withJar = ['-c', jar, '-b', jar];
      const [, , own, ...more] = await curl(...withJar);
      expect(more).toEqual([]);
      expect(own).toMatch(
        /^set-cookie: track_usage=[\w-]{22}; Max-Age=34128000; Path=\/; HttpOnly; SameSite=Lax$/i,
      );
      const id = /track_usage=([\w-]+)/.exec(own!)![1];
      const kept = await readFile(jar, 'utf8');
      expect(kept).toMatch(new RegExp(`#HttpOnly_127.0.0.1.*track_usage\t${id}`));

      expect(await curl(...withJar)).toHaveLength(2);
      expect(await curl('-b', `a=b; track_usage=${id}; c=d`)).toHaveLength(2);
      expect(await curl('-b', 'track_usage=forged')).toHaveLength(3);
      expect(await curl('-H', 'Sec-GPC: 1')).toHaveLength(2);
      expect(await curl('-H', 'DNT: 1', '-b', `track_usage=${id}`)).toHaveLength(2);
      const [first, second, third, forged, ...optedOut] = await shop.visitors();
      expect([first, second, third]).toEqual([id, id, id]);
      expect(forged).toMatch(ID);
      expect(forged).not.toBe(id);
      expect(optedOut).toEqual([null, null]);
    });
  });
});
