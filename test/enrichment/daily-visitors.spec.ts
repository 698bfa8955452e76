import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CapturedRequest } from '../../lib/record/captured-request.js';
import {
  DailySalts,
  DailyVisitors,
  EnrichmentStage,
  RecordBuilder,
  type DailySaltStore,
} from '../../lib/enrichment/index.js';
import { captured } from './captured.js';
import { SilentLogger } from './silent-logger.js';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 24);

/** A store that several processes share. */
class SharedSalts implements DailySaltStore {
  readonly salts = new Map<string, string>();
  readonly everStored: string[] = [];
  down = false;

  async dailySalt(day: string, proposed: string): Promise<string> {
    if (this.down) throw new Error('down');
    const salt = this.salts.get(day) ?? proposed;
    if (!this.salts.has(day)) this.everStored.push(salt);
    this.salts.set(day, salt);
    return salt;
  }

  async forgetDailySalts(before: string): Promise<void> {
    if (this.down) throw new Error('down');
    for (const day of this.salts.keys()) if (day < before) this.salts.delete(day);
  }
}

describe('visitors of a day', () => {
  let store: SharedSalts;
  let logger: SilentLogger;
  const opened: DailySalts[] = [];
  const process = (shared: DailySaltStore | null = store) => {
    const salts = new DailySalts(shared, logger);
    opened.push(salts);
    const visitors = new DailyVisitors(salts);
    return async (changes: Partial<CapturedRequest> = {}) => visitors.idOf(captured(changes));
  };

  beforeEach(() => {
    vi.useFakeTimers({ now: MIDNIGHT - 10 * HOUR });
    store = new SharedSalts();
    logger = new SilentLogger();
  });
  afterEach(() => {
    for (const salts of opened.splice(0)) salts.close();
    vi.useRealTimers();
  });

  it('are told apart by address, agent and host', async () => {
    const idOf = process();
    const id = await idOf();
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await idOf({ url: 'http://SHOP.example?other=1', username: 'x', date: 7 })).toBe(id);
    const others = await Promise.all([
      idOf({ remoteAddr: '203.0.113.10' }),
      idOf({ userAgent: 'curl/8.5.0' }),
      idOf({ userAgent: null }),
      idOf({ url: 'http://blog.example/cats/1' }),
    ]);
    expect(new Set([id, ...others]).size).toBe(5);
    expect(await idOf({ remoteAddr: null })).toBeNull();
  });

  it.each([
    ['http://shop.example:3000/a', 'https://SHOP.example:3001/b', 'http://shop.example?c'],
    ['http://203.0.113.1:3000/', 'http://203.0.113.1:3001/', 'http://203.0.113.1/'],
    ['http://[2001:db8::1]:3000/', 'http://[2001:DB8::1]:3001/', 'http://[2001:db8::1]/'],
  ])('are known by the name of the host, whatever its port: %s', async (...urls) => {
    const idOf = process();
    const ids = await Promise.all(urls.map((url) => idOf({ url })));
    expect(new Set(ids).size).toBe(1);
    expect(await idOf({ url: 'http://[2001:db8::2]:3000/' })).not.toBe(ids[0]);
  });

  it('are the same in all processes, however they start', async () => {
    const processes = Array.from({ length: 5 }, () => process());
    const ids = await Promise.all(processes.map((idOf) => idOf()));
    expect(new Set(ids).size).toBe(1);
    expect(await process()()).toBe(ids[0]);
    expect(store.everStored).toHaveLength(1);
  });

  it('are others the next day, and nothing is left to join the two', async () => {
    const idOf = process();
    const first = await idOf();
    vi.setSystemTime(MIDNIGHT + 1000);
    const second = await idOf();
    expect(second).not.toBe(first);
    expect(await process()()).toBe(second);

    await vi.advanceTimersByTimeAsync(HOUR);
    const [saltOfFirst, saltOfSecond] = store.everStored;
    expect([...store.salts]).toEqual([['2026-11-24', saltOfSecond]]);
    expect(saltOfFirst).not.toBe(saltOfSecond);
    expect(await idOf()).toBe(second);
  });

  it('are forgotten though no request comes any more', async () => {
    await process()();
    await vi.advanceTimersByTimeAsync(12 * HOUR);
    expect(store.salts.size).toBe(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('of past days are forgotten at the first request after a long stop', async () => {
    store.salts.set('2026-11-01', 'a salt of long ago, that nobody forgot');
    await process()();
    await vi.advanceTimersByTimeAsync(0);
    expect([...store.salts.keys()]).toEqual(['2026-11-23']);
  });

  it('are the process its own while the store is down, and shared when it is back', async () => {
    store.down = true;
    const idOf = process();
    const alone = await idOf();
    expect(await idOf()).toBe(alone);
    expect(logger.lines).toEqual([expect.stringContaining('counted by this process for itself')]);
    store.down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    await idOf();
    await vi.advanceTimersByTimeAsync(0);
    expect(await idOf()).toBe(alone);
    expect(await process()()).toBe(alone);
  });

  it('take the salt of the others, if the store has one when it is back', async () => {
    const others = await process()();
    store.down = true;
    const idOf = process();
    expect(await idOf()).not.toBe(others);
    store.down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    await idOf();
    await vi.advanceTimersByTimeAsync(0);
    expect(await idOf()).toBe(others);
  });

  it.each([
    ['never answers', { dailySalt: () => new Promise<never>(() => {}) }],
    ['answers with nothing', { dailySalt: async () => undefined as never }],
    [
      'throws',
      {
        dailySalt: () => {
          throw new Error('no');
        },
      },
    ],
  ])('wait for a store that %s no longer than five seconds', async (_, broken) => {
    const idOf = process({ ...broken, forgetDailySalts: () => Promise.reject(new Error('no')) });
    const id = idOf();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await id).toMatch(/^[\w-]{22}$/);
    expect(logger.lines).toHaveLength(1);
  });

  it('need no store', async () => {
    const idOf = process(null);
    expect(await idOf()).toBe(await idOf());
    expect(await process(null)()).not.toBe(await idOf());
  });

  it('are in the records, each once, while the salt is asked for', async () => {
    const visitors = new DailyVisitors(new DailySalts(store, logger));
    const ids: (string | null)[] = [];
    const stage = new EnrichmentStage(
      new RecordBuilder(),
      { visitorId: (request) => visitors.idOf(request) },
      (record) => ids.push(record.visitorId),
    );
    for (let n = 0; n < 100; n++) stage.enrich(captured({ remoteAddr: `203.0.113.${n % 10}` }));
    expect([ids.length, stage.pending]).toEqual([0, 100]);
    await stage.settled();
    stage.enrich(captured({ remoteAddr: '203.0.113.1' }));
    expect([ids.length, new Set(ids).size, stage.pending]).toEqual([101, 10, 0]);
  });

  it('that wait are bounded: those beyond go on without', () => {
    let records = 0;
    const never = new Promise<string>(() => {});
    const stage = new EnrichmentStage(
      new RecordBuilder(),
      { visitorId: () => never },
      (record) => (records += record.visitorId === null ? 1 : 1000),
    );
    for (let n = 0; n < 10_250; n++) stage.enrich(captured());
    expect([stage.pending, records]).toEqual([10_000, 250]);
  });
});
