import {
  MemoryStorage,
  sumConsumers,
  sumStatuses,
  UsageService,
  type PruneBounds,
  type RetentionOptions,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Test } from '@nestjs/testing';
import { makeRecord } from 'nestjs-track-usage/testing';
import { moduleOf } from '../support/applications.js';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

describe('retention', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 5, 1) }));
  afterEach(() => void vi.useRealTimers());

  async function start(track: object) {
    const module = await Test.createTestingModule({ imports: [moduleOf({ track })] }).compile();
    await module.init();
    return module;
  }

  it('prunes every storage that can, a minute after the start and then every hour', async () => {
    const asked: [string, PruneBounds][] = [];
    const storage = (name: string) => ({
      name,
      store: async () => undefined,
      prune: async (before: PruneBounds) => {
        asked.push([name, before]);
        if (asked.length === 1) throw new Error('locked');
        return { records: 0, hour: 0, day: 0, month: 0 };
      },
    });
    const module = await start({
      retention: { records: '90d', hour: '60d', day: 2 * DAY },
      storages: [storage('one'), { name: 'writer', store: async () => undefined }, storage('two')],
    });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(([name]) => name)).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(HOUR);
    const now = Date.UTC(2026, 5, 1) + 60_000 + HOUR;
    const bounds = {
      records: new Date(now - 90 * DAY),
      hour: new Date(now - 60 * DAY),
      day: new Date(now - 2 * DAY),
    };
    expect(asked.slice(1)).toEqual([
      ['one', bounds],
      ['two', bounds],
    ]);
    await module.close();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(asked).toHaveLength(3);
  });

  it('is also there by hand, with its own bounds or others', async () => {
    const storage = new MemoryStorage();
    const module = await start({ retention: { records: '1d' }, storages: [storage] });
    const usage = module.get(UsageService);
    await storage.store([
      makeRecord({ date: new Date(Date.now() - 3 * DAY) }),
      makeRecord({ date: new Date(Date.now() - 2 * HOUR) }),
      makeRecord({ date: new Date() }),
    ]);
    expect(await usage.prune()).toMatchObject({ memory: { records: 1 } });
    expect(await usage.prune({ records: new Date(Date.now() - HOUR) })).toMatchObject({
      memory: { records: 1 },
    });
    expect(await usage.countUsage()).toBe(1);
    await expect(usage.prune({ records: 'yesterday' as never })).rejects.toThrow(
      "records: expected a valid Date, but got 'yesterday'",
    );
    await module.close();
  });

  it('counts old keys of persons under (other)', async () => {
    const storage = new MemoryStorage({ hooks: [sumConsumers, sumStatuses] });
    const module = await start({ retention: { personal: '90d' }, storages: [storage] });
    const usage = module.get(UsageService);
    const sumsOf = async (dimension: string) =>
      (await usage.getSum(dimension)).month.map(({ key, hits }) => [key, hits]);
    await storage.store([
      makeRecord({ date: new Date(Date.now() - 200 * DAY), consumer: 'anna' }),
      makeRecord({ date: new Date(Date.now() - 200 * DAY), consumer: 'bob' }),
      makeRecord({ date: new Date(Date.now() - DAY), consumer: 'anna' }),
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await sumsOf('consumer')).toEqual([
      ['anna', 1],
      ['(other)', 2],
    ]);
    expect(await sumsOf('status')).toEqual([
      ['200', 1],
      ['200', 2],
    ]);
    expect(await usage.verifySummaries()).toEqual([]);
    await module.close();
  });

  it.each<[RetentionOptions, boolean]>([
    [{ records: '90d' }, true],
    [{ records: '90d', hour: '90d' }, true],
    [{ records: '90d', personal: '90d' }, false],
    [{ records: '90d', hour: '90d', day: '90d', month: '2y' }, false],
    [{}, false],
  ])(
    'says at the start whether sums keep persons longer than records: %j',
    async (retention, says) => {
      const lines: string[] = [];
      const line = (text: unknown) => void lines.push(String(text));
      const storages = [new MemoryStorage({ hooks: [sumConsumers, sumStatuses] })];
      const imports = [moduleOf({ track: { retention, storages } })];
      const module = await Test.createTestingModule({ imports })
        .setLogger({ log: line, warn: line, error: line })
        .compile();
      await module.init();
      const told = lines.filter((text) => text.includes('retention.personal'));
      expect(told).toHaveLength(says ? 1 : 0);
      if (says) expect(told[0]).toContain("the sums by consumer of storage 'memory' keep");
      await module.close();
    },
  );

  it.each([
    [{ records: '90' }, "retention.records: expected a length such as '90d'"],
    [{ records: 'soon' }, 'retention.records'],
    [{ hour: -1 }, 'retention.hour'],
    [{ week: '1w' }, 'retention.week: expected one of the options records, hour, day, month'],
    ['90d', 'retention: expected an object with records, hour, day, month'],
  ])('refuses %j at start', async (retention, told) => {
    await expect(start({ retention, storages: [new MemoryStorage()] })).rejects.toThrow(told);
  });
});
