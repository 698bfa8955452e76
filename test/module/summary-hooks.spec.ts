import { Controller, Get } from '@nestjs/common';
import {
  MemoryStorage,
  sumRoutes,
  sumStatuses,
  summary,
  TrackUsage,
  TrackVar,
  type TrackVars,
  type UsageHook,
  type UsageSummaryEvent,
} from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms, type AppParts } from '../support/applications.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll(@TrackVar() vars: TrackVars) {
    vars['tenant'] = 'acme';
    return [];
  }
}

const withHooks = (...hooks: UsageHook[]): AppParts => ({
  track: { storages: [new MemoryStorage({ hooks })] },
  controllers: [CatsController],
});

onPlatforms('summaries among hooks on $name', (start) => {
  it('count once, and tell of it once, however often they are given', async () => {
    const app = await start(withHooks(sumRoutes, [sumStatuses, sumRoutes], sumRoutes));
    const { usage } = app;
    const told: UsageSummaryEvent[] = [];
    usage.summaries$.subscribe((sum) => told.push(sum));
    await app.fetch('/cats');
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
  });

  it('may be one of the application, in a line', async () => {
    const sumTenants = summary('tenant', (record) => record.trackVar?.['tenant']);
    const app = await start(withHooks(sumTenants));
    await app.fetch('/cats');
    await app.usage.flush();
    for (const dimension of [sumTenants, 'tenant']) {
      const { month } = await app.usage.getSum(dimension);
      expect(month.map(({ key, hits }) => [key, hits])).toEqual([['acme', 1]]);
    }
  });

  it('cannot be two of one name', async () => {
    const mine = summary('route', (record) => record.path);
    await expect(start(withHooks(sumRoutes, mine))).rejects.toThrow(
      "Storage 'memory': hooks: two different summaries are named 'route'",
    );
  });
});
