import { Injectable } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  MemoryStorage,
  sumRoutes,
  type UsageRecord,
  type UsageSummaryEvent,
} from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

onPlatforms('events on $name', (start) => {
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
    const {
      app,
      usage,
      fetch,
      records: storedRecords,
    } = await start({
      track: { events: true, storages: [new MemoryStorage({ hooks: [sumRoutes] })] },
      imports: [EventEmitterModule.forRoot()],
      providers: [Listener],
    });
    const observed: UsageSummaryEvent[] = [];
    usage.summaries$.subscribe((sum) => observed.push(sum));
    await fetch('/cats');
    await fetch('/cats');
    const expected = await storedRecords();

    const { records, sums } = app.get(Listener);
    expect(records).toEqual(expected);
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
  });

  it('stop the start if they are wanted and EventEmitterModule is not imported', async () => {
    await expect(start({ track: { events: true } })).rejects.toThrow(
      'Import EventEmitterModule.forRoot()',
    );
  });
});
