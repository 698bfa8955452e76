import { Controller, Get, Module } from '@nestjs/common';
import {
  MemoryStorage,
  sumRoutes,
  TrackUsage,
  TrackUsageModule,
  UsageService,
} from 'nestjs-track-usage';
import { concatMap, config } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll() {
    return [];
  }
}

describe.each(platforms)('subscribers on $name', (platform) => {
  const reported: unknown[] = [];
  afterEach(() => {
    config.onUnhandledError = null;
    reported.length = 0;
  });

  const start = async () => {
    @Module({
      imports: [
        TrackUsageModule.forRoot({ storages: [new MemoryStorage({ hooks: [sumRoutes] })] }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    const usage = app.get(UsageService);
    const send = async (count: number) => {
      for (let sent = 0; sent < count; sent++)
        expect((await fetch(`${url}/cats`)).status).toBe(200);
      expect(await usage.flush()).toBe(true);
      const { memory } = usage.stats().storages;
      expect(memory).toMatchObject({ seen: count, stored: count, waiting: 0, dropped: {} });
      expect((await usage.getSum('route')).month[0]!.hits).toBe(count);
    };
    return { app, usage, send };
  };

  it('that throw lose no record, neither for storages nor for other subscribers', async () => {
    config.onUnhandledError = (error) => void reported.push(error);
    const { app, usage, send } = await start();
    const others: string[] = [];
    const thrown = new Error('a subscriber fails');
    const fail = () => {
      throw thrown;
    };
    usage.records$.subscribe(fail);
    usage.summaries$.subscribe(fail);
    usage.records$.subscribe(({ id }) => others.push(id));
    await send(5);
    expect(others).toHaveLength(5);
    // RxJS tells of them by itself, in a turn of its own.
    await expect.poll(() => reported.length).toBeGreaterThan(0);
    expect(new Set(reported)).toEqual(new Set([thrown]));
    await app.close();
  });

  it('that are slow hold up nobody', async () => {
    const { app, usage, send } = await start();
    let begun = 0;
    const slow = async () => {
      begun++;
      await new Promise<never>(() => undefined);
    };
    usage.records$.pipe(concatMap(slow)).subscribe();
    usage.summaries$.pipe(concatMap(slow)).subscribe();
    await send(5);
    expect(begun).toBe(2);
    await app.close();
  });
});
