import { Controller, Get } from '@nestjs/common';
import { DeprecatedRoute, MemoryStorage, TrackUsage, UsageStorage } from 'nestjs-track-usage';
import { UsageDashboardModule, type UsageDashboardOptions } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import { appsOn } from '../support/applications.js';
import { platforms } from '../support/platforms.js';
import { HOOKS } from './shop.js';

const DAY = 86_400_000;

@TrackUsage()
@Controller('shop')
class ShopController {
  @Get('never') never() {}
  @Get('quiet') quiet() {}
  @DeprecatedRoute({ sunset: new Date(Date.now() - DAY) }) @Get('over') over() {}
  @DeprecatedRoute() @Get('old') old() {}
}

describe('The panel of routes to delete', () => {
  const start = appsOn(platforms[0]!);
  const open = async (isOld: boolean, options: Partial<UsageDashboardOptions> = {}) => {
    const shop = await start({
      controllers: [ShopController],
      track: { storages: [new MemoryStorage({ hooks: HOOKS })] },
      imports: [UsageDashboardModule.forRoot({ guards: 'none', ...options })],
    });
    await shop.usage.routes();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    const call = (route: string, daysAgo: number, consumer: string | null) => {
      const { userAgent, ...record } = makeRecord();
      const client = { ...userAgent, browser: 'MyShop', version: '4.11.2' };
      const date = new Date(Date.now() - daysAgo * DAY);
      return makeRecord({ ...record, date, route, consumer, userAgent: client });
    };
    await storage.store([
      call('/shop/quiet', 120, 'acme'),
      call('/shop/over', 2, '<b>acme</b>'),
      call('/shop/over', 2, null),
    ]);
    if (isOld)
      for (const [name, text] of await storage.readNotes('routes'))
        await storage.changeNote('routes', name, () =>
          text.replaceAll(/"observedSince":\d+/g, `"observedSince":${Date.now() - 200 * DAY}`),
        );
    return shop;
  };
  const lists = (html: string) => {
    const [, rest = ''] = html.split('data-panel="deletable"');
    const panel = rest.split('data-panel="')[0]!;
    return Object.fromEntries(
      panel
        .split('data-list="')
        .slice(1)
        .map((part) => [
          part.slice(0, part.indexOf('"')),
          part.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
        ]),
    );
  };

  it('has the lists of the report, under its words', async () => {
    const { fetch } = await open(true);
    const found = lists(await (await fetch('/usage?whole=1')).text());
    expect(found['Never called']).toMatch(/ GET \/shop\/never \d/);
    expect(found['Never called']).toMatch(/ GET \/shop\/old \d/);
    expect(found['Never called']).not.toMatch(/quiet|over/);
    expect(found['Gone quiet']).toMatch(/ GET \/shop\/quiet 1 /);
    expect(found['Deprecated']).toMatch(
      /GET \/shop\/over past its sunset .* 2 &lt;b>acme&lt;\/b> MyShop 4\.11\.2 1 .* nobody named MyShop/,
    );
    expect(found['Deprecated']).toMatch(/GET \/shop\/old – 0 nobody/);
  });

  it('says why nothing is unused yet', async () => {
    const { fetch } = await open(false);
    const found = lists(await (await fetch('/usage?whole=1')).text());
    expect(found['Never called']).toMatch(/Routes are watched since .* after 90 days/);
    expect(found['Gone quiet']).toMatch(/None\./);
  });

  it('is JSON and CSV for others, without what is hidden', async () => {
    const { fetch } = await open(true);
    const json = await (await fetch('/usage/routes.json?unusedFor=12w')).json();
    expect(json).toMatchObject({
      routes: 4,
      neverCalled: [{ path: '/shop/never' }, { path: '/shop/old' }],
      goneQuiet: [{ path: '/shop/quiet', hits: 1 }],
      pastSunset: [{ path: '/shop/over', callers: [{ client: 'MyShop' }, { client: 'MyShop' }] }],
    });
    const csv = await (await fetch('/usage/routes.csv?last=30d')).text();
    expect(csv.split('\r\n')).toHaveLength(1 + 3 + 2 + 1 + 1);
    expect(csv).toMatch(/^past its sunset,,GET,\/shop\/over,.*,<b>acme<\/b>,MyShop,4\.11\.2,1,/m);
    const wrong = await fetch('/usage/routes.json?unused=12w');
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ field: 'unused' });

    const hidden = await open(true, { hide: ['consumer'] });
    for (const name of ['?whole=1', '/routes.json', '/routes.csv'])
      expect(await (await hidden.fetch(`/usage${name}`)).text()).not.toMatch(/acme/);
    const closed = await open(true, { hide: ['route'] });
    expect((await closed.fetch('/usage/routes.json')).status).toBe(404);
    expect(await (await closed.fetch('/usage?whole=1')).text()).not.toContain('"deletable"');
  });
});
