import { Controller, Get, Head, Post, Version, VersioningType } from '@nestjs/common';
import {
  DeprecatedRoute,
  SkipTracking,
  sumRoutes,
  MemoryStorage,
  TrackUsage,
  UsageQueryError,
  UsageStorage,
  type RouteReview,
  type UsageRecord,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';
import { appsOn, type TestApp } from '../support/applications.js';
import { platforms } from '../support/platforms.js';

const DAY = 86_400_000;
const SUNSET = new Date(Date.now() - DAY);

@TrackUsage()
@Controller({ path: 'shop', version: '1' })
class ShopController {
  @Get('busy') busy() {}
  @Get('quiet') quiet() {}
  @Get('never') never() {}
  @Post('never') made() {}
  @Head('alive') alive() {}
  @DeprecatedRoute({ sunset: SUNSET }) @Get('over') over() {}
  @DeprecatedRoute({ sunset: SUNSET }) @Get('left') left() {}
  @DeprecatedRoute() @Get('old') old() {}
  @Version('2') @Get('old') replaced() {}
  @SkipTracking() @Get('health') health() {}
}

/** Lets routes be known for longer than they are. */
async function age(shop: TestApp, days: number, but: readonly string[] = []): Promise<void> {
  const storage = shop.app.get<MemoryStorage>(UsageStorage);
  for (const [name, text] of await storage.readNotes('routes')) {
    const note = JSON.parse(text);
    for (const route of note.routes)
      if (route.observedSince && !but.includes(route.handler)) route.observedSince -= days * DAY;
    await storage.changeNote('routes', name, () => JSON.stringify(note));
  }
}

const names = (routes: readonly { handler: string }[]) => routes.map(({ handler }) => handler);

describe('What can be deleted', () => {
  const start = appsOn(platforms[0]!);
  const open = async () => {
    const shop = await start({
      controllers: [ShopController],
      track: { storages: [new MemoryStorage({ hooks: [sumRoutes] })] },
      configure: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-api' }),
    });
    await shop.usage.routes();
    return shop;
  };
  const call = (handler: string, daysAgo: number, more: Partial<UsageRecord> = {}) =>
    makeRecord({
      date: new Date(Date.now() - daysAgo * DAY),
      route: `/shop/${handler}`,
      apiVersion: '1',
      blueprint: 'ShopController',
      handler,
      ...more,
    });
  const client = (browser: string | null, version: string | null) => ({
    userAgent: { ...makeRecord().userAgent, browser, version },
  });

  it('is what nobody calls, and never a route that is young, skipped or called', async () => {
    const shop = await open();
    await shop.usage.flush();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    await age(shop, 100, ['made']);
    await storage.store([
      call('busy', 1),
      call('quiet', 95),
      call('quiet', 97),
      call('never', 3, { method: 'HEAD' }),
      call('never', 3, { method: 'OPTIONS' }),
    ]);
    const review = await shop.usage.reviewRoutes();
    expect(names(review.neverCalled)).toEqual([
      'never',
      'alive',
      'over',
      'left',
      'old',
      'replaced',
    ]);
    expect(names(review.goneQuiet)).toEqual(['quiet']);
    expect(review.goneQuiet[0]).toMatchObject({ hits: 2 });
    expect(review.routes).toBe(9);
    expect(review.watchedSince!.getTime()).toBeLessThan(Date.now() - 99 * DAY);
    expect(names((await shop.usage.reviewRoutes({ unusedFor: '14w' })).goneQuiet)).toEqual([]);
    const young: RouteReview = await shop.usage.reviewRoutes({ unusedFor: '101d' });
    expect([...young.neverCalled, ...young.goneQuiet]).toEqual([]);
  });

  it('is what is deprecated, once its callers have gone', async () => {
    const shop = await open();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    await storage.store([
      call('over', 2, { consumer: 'ada', ...client('MyShop', '4.11.2') }),
      call('over', 1, { consumer: 'ada', ...client('MyShop', '4.11.2') }),
      call('over', 1, { consumer: 'ada', ...client('MyShop', '4.12.0') }),
      call('over', 5, { consumer: null, ...client('curl', null) }),
      call('over', 5, { method: 'HEAD', consumer: 'monitor' }),
      call('left', 40, { consumer: 'bob' }),
      call('old', 3, { consumer: 'bob', ...client(null, null) }),
      call('old', 3, { consumer: 'eve', apiVersion: '2', handler: 'replaced' }),
    ]);
    const { deprecated, pastSunset, range } = await shop.usage.reviewRoutes();
    expect(names(deprecated)).toEqual(['over', 'old', 'left']);
    expect(names(pastSunset)).toEqual(['over']);
    expect(deprecated[0]!.callers).toEqual([
      { consumer: 'ada', client: 'MyShop', version: '4.11.2', hits: 2, lastSeen: expect.any(Date) },
      { consumer: 'ada', client: 'MyShop', version: '4.12.0', hits: 1, lastSeen: expect.any(Date) },
      { consumer: null, client: 'curl', version: null, hits: 1, lastSeen: expect.any(Date) },
    ]);
    expect(deprecated[0]!.callers![0]!.lastSeen!.getTime()).toBeGreaterThan(Date.now() - 1.1 * DAY);
    expect(deprecated[1]!.callers).toMatchObject([{ consumer: 'bob', client: null, hits: 1 }]);
    expect(deprecated[2]).toMatchObject({ callers: [], hits: 1 });
    expect(range.endDate.getTime() - range.startDate.getTime()).toBe(30 * DAY);
    const longer = await shop.usage.reviewRoutes({ last: '60d' });
    expect(names(longer.pastSunset)).toEqual(['over', 'left']);
  });

  it('is told with the consumers that the list of routes says', async () => {
    const shop = await open();
    await shop.usage.flush();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    await age(shop, 100);
    await storage.store([
      call('quiet', 95, { consumer: 'ada' }),
      call('quiet', 97, { consumer: 'bob' }),
      call('busy', 1, { consumer: 'ada' }),
      call('over', 2, { consumer: 'ada' }),
      call('over', 2, { consumer: 'eve' }),
      call('old', 3, { consumer: 'bob' }),
      call('old', 3, { consumer: 'eve', apiVersion: '2', handler: 'replaced' }),
      call('old', 4, { consumer: 'ada', apiVersion: '2', handler: 'replaced' }),
    ]);
    const listed = new Map((await shop.usage.routes()).map((route) => [route.handler, route]));
    const { goneQuiet, deprecated, neverCalled } = await shop.usage.reviewRoutes();
    for (const route of [...goneQuiet, ...deprecated, ...neverCalled])
      expect(route).toMatchObject({ ...listed.get(route.handler) });
    expect(goneQuiet).toMatchObject([{ handler: 'quiet', consumers: 2 }]);
    const consumers = deprecated.map((route) => [route.handler, route.consumers]);
    expect(Object.fromEntries(consumers)).toEqual({ over: 2, old: 1, left: 0 });
  });

  it('is told by the versions that are still called', async () => {
    const shop = await open();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    await storage.store([
      ...[1, 2, 3].map((days) => call('busy', days)),
      call('old', 2, { apiVersion: '2', handler: 'replaced' }),
      call('busy', 2, { method: 'OPTIONS' }),
      call('busy', 2, { route: null }),
    ]);
    const { versions } = await shop.usage.reviewRoutes();
    expect(versions).toMatchObject([
      { service: null, apiVersion: '1', routes: 8, hits: 3, share: 0.75 },
      { service: null, apiVersion: '2', routes: 1, hits: 1, share: 0.25 },
    ]);
  });

  it('is counted without callers where their records are gone', async () => {
    const shop = await open();
    const storage = shop.app.get<MemoryStorage>(UsageStorage);
    await age(shop, 100);
    await storage.store([call('over', 2, { consumer: 'ada' }), call('old', 2)]);
    await storage.prune({ records: new Date(Date.now() - DAY) });
    const review = await shop.usage.reviewRoutes();
    const over = review.deprecated.find(({ handler }) => handler === 'over');
    expect(over).toMatchObject({ hits: 1, callers: null });
    expect(names(review.pastSunset)).toEqual(['over']);
    // The sums tell calls by their route, and not two versions of one apart.
    expect(names(review.uncounted)).toEqual(['old', 'replaced']);
    expect(names(review.neverCalled)).toEqual(['busy', 'quiet', 'never', 'made', 'alive', 'left']);
    await storage.prune({ records: new Date(Date.now() + DAY) });
    expect((await shop.usage.reviewRoutes()).versions).toBeNull();
  });

  it('refuses what it does not know', async () => {
    const { usage } = await open();
    await expect(usage.reviewRoutes({ unusedFor: 'long' })).rejects.toThrow(/unusedFor.*'90d'/);
    await expect(usage.reviewRoutes({ unused: '90d' } as never)).rejects.toThrow(UsageQueryError);
    await expect(usage.reviewRoutes({ where: { deprecated: true } })).rejects.toThrow(
      /where.deprecated.*no condition on routes/,
    );
  });
});
