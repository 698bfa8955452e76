import { Controller, Get, Module } from '@nestjs/common';
import {
  MemoryStorage,
  sumRoutes,
  sumStatuses,
  summary,
  TrackUsage,
  TrackUsageModule,
  TrackVar,
  UsageService,
  type TrackVars,
  type UsageHook,
  type UsageSummaryEvent,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll(@TrackVar() vars: TrackVars) {
    vars['tenant'] = 'acme';
    return [];
  }
}

function applicationWith(hooks: UsageHook[]) {
  @Module({
    imports: [TrackUsageModule.forRoot({ storages: [new MemoryStorage({ hooks })] })],
    controllers: [CatsController],
  })
  class AppModule {}
  return AppModule;
}

describe.each(platforms)('summaries among hooks on $name', (platform) => {
  it('count once, and tell of it once, however often they are given', async () => {
    const hooks = [sumRoutes, [sumStatuses, sumRoutes], sumRoutes];
    const { app, url } = await startApp(applicationWith(hooks), platform);
    const usage = app.get(UsageService);
    const told: UsageSummaryEvent[] = [];
    usage.summaries$.subscribe((sum) => told.push(sum));
    await fetch(`${url}/cats`);
    expect(await usage.flush()).toBe(true);

    const { day } = await usage.getSum(sumRoutes);
    expect(day.map(({ key, hits }) => [key, hits])).toEqual([['GET /cats', 1]]);
    expect(told.map(({ dimension, period }) => `${dimension} ${period}`).sort()).toEqual([
      'route day',
      'route hour',
      'route month',
      'status day',
      'status hour',
      'status month',
    ]);
    await app.close();
  });

  it('may be one of the application, in a line', async () => {
    const sumTenants = summary('tenant', (record) => record.trackVar?.['tenant']);
    const { app, url } = await startApp(applicationWith([sumTenants]), platform);
    const usage = app.get(UsageService);
    await fetch(`${url}/cats`);
    await usage.flush();
    for (const dimension of [sumTenants, 'tenant']) {
      const { month } = await usage.getSum(dimension);
      expect(month.map(({ key, hits }) => [key, hits])).toEqual([['acme', 1]]);
    }
    await app.close();
  });

  it('cannot be two of one name', async () => {
    const mine = summary('route', (record) => record.path);
    await expect(startApp(applicationWith([sumRoutes, mine]), platform)).rejects.toThrow(
      "Storage 'memory': hooks: two different summaries are named 'route'",
    );
  });
});
