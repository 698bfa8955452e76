import { Test } from '@nestjs/testing';
import {
  MemoryStorage,
  summary,
  TrackUsageModule,
  UsageService,
  type UsageQuery,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describe, expect, it } from 'vitest';

const DATE = Date.UTC(2026, 0, 1);
const records = makeRecords(40, (index) => ({
  date: new Date(DATE + index),
  status: index % 4 === 0 ? 500 : 200,
  speed: index / 1000,
}));

/** A storage of somebody else's, which knows dates and pages alone, and notes what it is asked. */
async function foreign() {
  const memory = new MemoryStorage({ hooks: [summary('id', ({ id }) => id)] });
  const asked: unknown[] = [];
  const KNOWN = ['startDate', 'endDate', 'limit', 'page', 'target', 'order'];
  const note = (query: object = {}) => {
    asked.push(query);
    for (const name of Object.keys(query)) if (!KNOWN.includes(name)) throw new Error(name);
  };
  const storage: UsageStorage = {
    name: 'foreign',
    options: memory.options,
    open: (context) => memory.open(context),
    store: (batch) => memory.store(batch),
    getUsage: async (query) => (note(query), memory.getUsage(query)),
    countUsage: async (filter) => (note(filter), memory.countUsage(filter)),
    getSum: async (dimension, query) => {
      note(query);
      const { hour, day, month } = await memory.getSum(dimension, query);
      return { hour, day, month };
    },
  };
  const module = await Test.createTestingModule({
    imports: [TrackUsageModule.forRoot({ storages: [storage] })],
  }).compile();
  await module.init();
  await memory.store(records);
  return { usage: module.get(UsageService), asked, module };
}

describe('A storage of somebody else’s', () => {
  it('is asked for dates and pages alone, and its records are filtered and ordered', async () => {
    const { usage, module } = await foreign();
    const idsOf = async (query: UsageQuery) => (await usage.getUsage(query)).map(({ id }) => id);
    const failed = records.filter(({ status }) => status === 500).toReversed();
    const where = { status: { gte: 500 } };
    expect(await idsOf({ where, limit: 4, page: 2 })).toEqual(failed.slice(4, 8).map((r) => r.id));
    expect(await usage.countUsage({ where })).toBe(10);
    expect(await idsOf({ orderBy: { speed: 'asc' }, limit: 3 })).toEqual(
      records.slice(0, 3).map((r) => r.id),
    );
    expect(await idsOf({ after: records[5]!, limit: 100 })).toEqual(
      records
        .slice(0, 5)
        .reverse()
        .map((r) => r.id),
    );
    expect(await usage.getUsage({ last: '1m' })).toEqual([]);
    const streamed: string[] = [];
    for await (const { id } of usage.streamUsage({ where })) streamed.push(id);
    expect(streamed).toEqual(failed.map(({ id }) => id));
    await module.close();
  });

  it('answers by itself what needs no more', async () => {
    const { usage, asked, module } = await foreign();
    const [startDate, endDate] = [new Date(DATE + 3), new Date(DATE + 9)];
    expect(await usage.countUsage({ startDate, endDate })).toBe(7);
    expect(await usage.getUsage({ startDate, endDate, limit: 2, page: 2 })).toHaveLength(2);
    expect(asked).toEqual([
      { startDate, endDate },
      { startDate, endDate, limit: 2, page: 2 },
    ]);
    await module.close();
  });

  it('is asked for sums of all periods, of which the wanted ones are given', async () => {
    const { usage, module } = await foreign();
    const sums = await usage.getSum('id', { periods: ['day'], limit: 10, timeout: 60_000 });
    expect(sums).toMatchObject({ hour: [], month: [], truncated: ['day'] });
    expect(sums.day).toHaveLength(10);
    await module.close();
  });

  it('is left alone by a query that is over', async () => {
    const { usage, asked, module } = await foreign();
    const reason = new Error('enough');
    await expect(usage.countUsage({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(usage.report({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toEqual([]);
    await module.close();
  });
});
