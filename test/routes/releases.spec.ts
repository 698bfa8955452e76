import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, type Type } from '@nestjs/common';
import {
  DeprecatedRoute,
  MemoryStorage,
  SkipTracking,
  SqliteStorage,
  sumRoutes,
  TrackUsage,
  type TrackUsageModuleOptions,
  UsageStorage,
  type UsageRoute,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appsOn, type TestApp } from '../support/applications.js';
import { platforms } from '../support/platforms.js';
import { contextOf } from '../support/storage-context.js';

@TrackUsage()
@Controller('shop')
class OldShop {
  @Get('cats') cats() {
    return [];
  }
  @Get('birds') birds() {
    return [];
  }
  @SkipTracking()
  @Get('health')
  health() {
    return 'ok';
  }
}

@TrackUsage()
@Controller('shop')
class NewShop {
  @DeprecatedRoute() @Get('cats') cats() {
    return [];
  }
  @Get('health') health() {
    return 'ok';
  }
  @Get('dogs') dogs() {
    return [];
  }
}

describe('Routes of several releases in one database', () => {
  const start = appsOn(platforms[0]!);
  let folder: string;
  let database: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'track-usage-routes-'));
    database = join(folder, 'usage.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = async (controller: Type, options: Partial<TrackUsageModuleOptions> = {}) => {
    const storages = [new SqliteStorage({ database, hooks: [sumRoutes] })];
    const shop = await start({ controllers: [controller], track: { storages, ...options } });
    await shop.usage.routes();
    return shop;
  };
  const startOf = (text: string): number => JSON.parse(text).startedAt;
  const route = async ({ usage }: TestApp, handler: string): Promise<UsageRoute> => {
    await usage.flush();
    return (await usage.routes()).find((each) => each.handler === handler)!;
  };

  it('are gone once the last list lacks them and no process serves them any more', async () => {
    const old = await run(OldShop, { release: '1' });
    await old.fetch('/shop/birds');
    const [first, second] = [
      await run(NewShop, { release: '2' }),
      await run(OldShop, { release: '1' }),
    ];
    // The list that was stored last has it.
    expect((await route(first, 'birds')).gone).toBeNull();
    expect((await route(first, 'dogs')).gone).toBeNull();
    const before = new Date();
    const third = await run(NewShop, { release: '2' });
    expect((await route(third, 'birds')).gone).toBeNull();
    await old.close();
    expect((await route(third, 'birds')).gone).toBeNull();
    await second.close();
    const birds = await route(third, 'birds');
    expect(birds.gone!.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(birds).toMatchObject({ hits: 1, tracked: true });
    expect((await route(third, 'cats')).gone).toBeNull();
  });

  it('are known for as long as they have been declared, whichever process asks', async () => {
    const first = await run(OldShop);
    const { observedSince } = await route(first, 'cats');
    expect(observedSince).toBeInstanceOf(Date);
    await first.close();
    const second = await run(NewShop);
    expect((await route(second, 'cats')).observedSince).toEqual(observedSince);
    const dogs = await route(second, 'dogs');
    expect(dogs.observedSince!.getTime()).toBeGreaterThan(observedSince!.getTime());
  });

  it('are observed anew once they are tracked again', async () => {
    const first = await run(OldShop);
    const cats = await route(first, 'cats');
    expect(await route(first, 'health')).toMatchObject({ tracked: false, observedSince: null });
    await first.close();
    const second = await run(NewShop);
    const health = await route(second, 'health');
    expect(health.observedSince!.getTime()).toBeGreaterThan(cats.observedSince!.getTime());
    await second.close();
    const third = await run(OldShop);
    expect((await route(third, 'health')).observedSince).toBeNull();
    await third.close();
    const again = await route(await run(NewShop), 'health');
    expect(again.observedSince!.getTime()).toBeGreaterThan(health.observedSince!.getTime());
  });

  it('are told from those of another service, and counted by service', async () => {
    const [shop, office] = [
      await run(OldShop, { service: 'shop' }),
      await run(OldShop, { service: 'office' }),
    ];
    await shop.fetch('/shop/cats');
    await office.fetch('/shop/cats');
    await office.fetch('/shop/cats');
    await shop.usage.flush();
    await office.usage.flush();
    const counted = (routes: readonly UsageRoute[]) =>
      routes
        .filter(({ handler }) => handler === 'cats')
        .map(({ service, hits }) => [service, hits]);
    expect(counted(await shop.usage.routes())).toEqual([
      ['office', 2],
      ['shop', 1],
    ]);
    expect(counted(await shop.usage.routes({ where: { service: 'office' } }))).toEqual([
      ['office', 2],
    ]);
    expect(counted(await shop.usage.routes({ where: { service: { not: 'office' } } }))).toEqual([
      ['shop', 1],
    ]);
  });

  it('say since when they are deprecated, whichever release said so first', async () => {
    const first = await run(NewShop);
    const header = async (shop: TestApp) =>
      (await shop.fetch('/shop/cats')).headers.get('deprecation');
    const since = await header(first);
    await first.close();
    const storage = new SqliteStorage({ database, hooks: [sumRoutes] });
    await storage.open(contextOf([sumRoutes]));
    const DAY_MS = 86_400_000;
    for (const name of (await storage.readNotes('routes')).keys())
      await storage.changeNote('routes', name, (text) =>
        text!.replaceAll(
          /"deprecatedSince":(\d+)/g,
          (_, at) => `"deprecatedSince":${Number(at) - DAY_MS}`,
        ),
      );
    await storage.close();
    expect(Number((await header(await run(NewShop)))!.slice(1))).toBe(
      Number(since!.slice(1)) - DAY_MS / 1000,
    );
  });

  it('are served no more by a process that was killed and reports no longer', async () => {
    const killed = await run(OldShop);
    const shop = await run(NewShop);
    expect((await route(shop, 'birds')).gone).toBeNull();
    const storage = killed.app.get<SqliteStorage>(UsageStorage);
    const notes = [...(await storage.readNotes('process'))];
    const [id, text] = notes.sort(([, one], [, other]) => startOf(one) - startOf(other))[0]!;
    const silent = { ...JSON.parse(text), at: Date.now() - 61_000 };
    await storage.changeNote('process', id, () => JSON.stringify(silent));
    expect((await route(shop, 'birds')).gone).toBeInstanceOf(Date);
  });

  it('of a storage that keeps no notes are those of the process that asks', async () => {
    const memory = new MemoryStorage();
    const storage = {
      name: 'own',
      store: (records: Parameters<MemoryStorage['store']>[0]) => memory.store(records),
      getUsage: (query: Parameters<MemoryStorage['getUsage']>[0]) => memory.getUsage(query),
    };
    await memory.open(contextOf([]));
    const shop = await start({ controllers: [OldShop], track: { storages: [storage] } });
    await shop.fetch('/shop/cats');
    expect(await route(shop, 'cats')).toMatchObject({ hits: 1, gone: null });
    expect(await route(shop, 'birds')).toMatchObject({ hits: 0, observedSince: expect.any(Date) });
  });

  it('tell what is deprecated, where a storage of others is asked', async () => {
    const memory = new MemoryStorage();
    await memory.open(contextOf([]));
    const storage = {
      name: 'own',
      store: (records: Parameters<MemoryStorage['store']>[0]) => memory.store(records),
      getUsage: (query: Parameters<MemoryStorage['getUsage']>[0]) => memory.getUsage(query),
    };
    const { fetch, usage } = await start({
      controllers: [NewShop],
      track: { storages: [storage] },
    });
    for (const path of ['cats', 'cats', 'dogs']) await fetch(`/shop/${path}`);
    await usage.flush();
    const where = { deprecated: true };
    expect(await usage.countUsage({ where })).toBe(2);
    expect((await usage.getUsage({ where })).map(({ path }) => path)).toEqual([
      ...['/shop/cats', '/shop/cats'],
    ]);
    let streamed = 0;
    for await (const _ of usage.streamUsage({ where: { deprecated: false } })) streamed++;
    expect(streamed).toBe(1);
    const { rows } = await usage.report({ dimensions: ['deprecated'] });
    expect(rows).toEqual([
      { deprecated: true, hits: 2 },
      { deprecated: false, hits: 1 },
    ]);
  });
});
