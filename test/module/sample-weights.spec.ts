import { Controller, Get } from '@nestjs/common';
import {
  MemoryStorage,
  sumRoutes,
  TrackUsage,
  type TrackUsageModuleOptions,
  type UsageService,
} from 'nestjs-track-usage';
import { afterEach, expect, it, vi } from 'vitest';
import { onPlatforms, type TestApp } from '../support/applications.js';

@TrackUsage()
@Controller()
class Pages {
  @Get('page') page() {
    return 'page';
  }
  @TrackUsage({ storages: ['audit'] }) @Get('secret') secret() {
    return 'secret';
  }
}

onPlatforms('On $name, the weights of a sample', (start) => {
  let app: TestApp;
  afterEach(() => void vi.restoreAllMocks());

  async function startSampling(options: TrackUsageModuleOptions) {
    app = await start({
      track: {
        storages: [
          new MemoryStorage({ hooks: [sumRoutes] }),
          new MemoryStorage({ name: 'audit', hooks: [sumRoutes] }),
        ],
        ...options,
      },
      controllers: [Pages],
    });
    // Every request is drawn.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    return app.usage;
  }
  const ask = (path: string, userAgent = 'curl/8.5.0') =>
    app.fetch(path, { headers: { 'user-agent': userAgent } });

  async function weightsAndHits(usage: UsageService, storage: string) {
    await usage.flush();
    const weights = (await usage.from(storage).getUsage()).map(({ weight }) => weight).reverse();
    const { day } = await usage.from(storage).getSum('route');
    return { weights, hits: day.reduce((sum, { hits }) => sum + hits, 0) };
  }

  it('are whole, and say the same as the sums in every storage', async () => {
    const usage = await startSampling({ sampleRate: 0.4 });
    for (let i = 0; i < 5; i++) await ask('/page');
    const expected = { weights: [2, 3, 2, 3, 2], hits: 12 };
    expect(await weightsAndHits(usage, 'memory')).toEqual(expected);
    expect(await weightsAndHits(usage, 'audit')).toEqual(expected);
  });

  it('add up in a storage whatever goes to others meanwhile', async () => {
    const usage = await startSampling({ sampleRate: 0.4 });
    for (let i = 0; i < 4; i++) {
      await ask('/secret');
      await ask('/page');
    }
    expect(await weightsAndHits(usage, 'memory')).toEqual({ weights: [2, 3, 2, 3], hits: 10 });
    expect((await weightsAndHits(usage, 'audit')).hits).toBe(20);
  });

  it('add up over what is kept, not over what is left out', async () => {
    const usage = await startSampling({
      sampleRate: 0.4,
      excludeBots: true,
      anonymize: (record) => (record.url.endsWith('?no') ? null : record),
    });
    for (let i = 0; i < 4; i++) {
      await ask('/page', 'Googlebot/2.1 (+http://www.google.com/bot.html)');
      await ask('/page');
      await ask('/page?no');
    }
    expect(await weightsAndHits(usage, 'memory')).toEqual({ weights: [2, 3, 2, 3], hits: 10 });
  });
});
