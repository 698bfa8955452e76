import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  MemoryStorage,
  sumRoutes,
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type UsageRecord,
  type UsageSummaryEvent,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll() {
    return [];
  }
}

describe.each(platforms)('events on $name', (platform) => {
  it('go out as observables and through @nestjs/event-emitter, and listeners that throw harm nothing', async () => {
    @Injectable()
    class Listener {
      readonly records: UsageRecord[] = [];
      readonly sums: UsageSummaryEvent[] = [];

      @OnEvent('track-usage.record', { suppressErrors: false })
      onRecord(record: UsageRecord) {
        this.records.push(record);
        throw new Error('a listener fails');
      }

      @OnEvent('track-usage.summary')
      onSummary(sum: UsageSummaryEvent) {
        this.sums.push(sum);
      }
    }
    @Module({
      imports: [
        EventEmitterModule.forRoot(),
        TrackUsageModule.forRoot({
          events: true,
          storages: [new MemoryStorage({ hooks: [sumRoutes] })],
        }),
      ],
      controllers: [CatsController],
      providers: [Listener],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    const usage = app.get(UsageService);
    const observed: UsageSummaryEvent[] = [];
    usage.summaries$.subscribe((sum) => observed.push(sum));
    await fetch(`${url}/cats`);
    await fetch(`${url}/cats`);
    expect(await usage.flush()).toBe(true);

    const { records, sums } = app.get(Listener);
    expect(records).toEqual((await usage.getUsage()).reverse());
    expect(sums).toEqual(observed);
    const total = (period: string) =>
      sums.filter((sum) => sum.period === period).reduce((hits, sum) => hits + sum.hits, 0);
    expect([total('hour'), total('day'), total('month')]).toEqual([2, 2, 2]);
    expect(sums[0]).toMatchObject({
      storage: 'memory',
      dimension: 'route',
      key: 'GET /cats',
      errors: 0,
    });
    await app.close();
  });

  it('stop the start if they are wanted and EventEmitterModule is not imported', async () => {
    @Module({
      imports: [TrackUsageModule.forRoot({ events: true, storages: [new MemoryStorage()] })],
    })
    class AppModule {}
    await expect(startApp(AppModule, platform)).rejects.toThrow(
      'Import EventEmitterModule.forRoot()',
    );
  });
});
