import { MemoryStorage, sumRoutes } from 'nestjs-track-usage';
import { concatMap, config } from 'rxjs';
import { afterEach, expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

onPlatforms('subscribers on $name', (start) => {
  const reported: unknown[] = [];
  afterEach(() => {
    config.onUnhandledError = null;
    reported.length = 0;
  });

  const startSumming = async () => {
    const app = await start({ track: { storages: [new MemoryStorage({ hooks: [sumRoutes] })] } });
    const { usage } = app;
    const send = async (count: number) => {
      for (let sent = 0; sent < count; sent++) expect((await app.fetch('/cats')).status).toBe(200);
      expect(await usage.flush()).toBe(true);
      const { memory } = usage.stats().storages;
      expect(memory).toMatchObject({ seen: count, stored: count, waiting: 0, dropped: {} });
      expect((await usage.getSum('route')).month[0]!.hits).toBe(count);
    };
    return { usage, send };
  };

  it('that throw lose no record, neither for storages nor for other subscribers', async () => {
    config.onUnhandledError = (error) => void reported.push(error);
    const { usage, send } = await startSumming();
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
  });

  it('that are slow hold up nobody', async () => {
    const { usage, send } = await startSumming();
    let begun = 0;
    const slow = async () => {
      begun++;
      await new Promise<never>(() => undefined);
    };
    usage.records$.pipe(concatMap(slow)).subscribe();
    usage.summaries$.pipe(concatMap(slow)).subscribe();
    await send(5);
    expect(begun).toBe(2);
  });
});
