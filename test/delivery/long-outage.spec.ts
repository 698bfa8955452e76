import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { FaultyStorage, type Fault } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

const REQUESTS_PER_SECOND = 500;
const SECONDS = 60;
const ALL = REQUESTS_PER_SECOND * SECONDS;

describe('a storage that is down for a minute at 500 requests a second', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function aMinuteOfTraffic(delivery: ReturnType<typeof startDelivery>['delivery']) {
    const sent: string[] = [];
    for (let turn = 0; turn < ALL / 10; turn++) {
      for (let each = 0; each < 10; each++) {
        const record = makeRecord();
        sent.push(record.id);
        delivery.record(record, null);
      }
      await vi.advanceTimersByTimeAsync((10 / REQUESTS_PER_SECOND) * 1000);
    }
    return sent;
  }

  it.each<Fault>(['cut', 'fail', 'hang'])(
    'loses and doubles nothing within the bound, and drains when it is back (%s)',
    async (fault) => {
      const down = new FaultyStorage('down');
      const other = new FaultyStorage('other');
      down.fault = () => fault;
      const { delivery } = startDelivery([down, other], { flushInterval: 100 });
      const sent = await aMinuteOfTraffic(delivery);
      await vi.advanceTimersByTimeAsync(100);
      expect(countsOf(delivery, down)).toMatchObject({ seen: ALL, stored: 0, waiting: ALL });
      // The other one had every record at its time.
      expect(other.order).toEqual(sent);
      expect(countsOf(delivery, other)).toMatchObject({ stored: ALL, waiting: 0, retried: 0 });
      expect(other.calls.length).toBeGreaterThan(SECONDS);

      down.fault = () => 'none';
      const drained = delivery.flush(40_000);
      await vi.advanceTimersByTimeAsync(40_000);
      expect(await drained).toBe(true);
      expect(countsOf(delivery, down)).toMatchObject({ stored: ALL, waiting: 0, dropped: {} });
      expect(new Set(down.order)).toEqual(new Set(sent));
      expect(down.order).toHaveLength(ALL);
      if (fault !== 'fail') expect(down.order).toEqual(sent);
    },
  );

  it('gives up beyond the bound exactly what is beyond it, the oldest first', async () => {
    const storage = new FaultyStorage();
    storage.fault = () => 'cut';
    const { delivery, logger } = startDelivery([storage], {
      flushInterval: 100,
      maxPending: 20_000,
    });
    const sent = await aMinuteOfTraffic(delivery);
    expect(countsOf(delivery, storage)).toMatchObject({
      waiting: 20_000,
      dropped: { overflow: ALL - 20_000 },
    });
    storage.fault = () => 'none';
    await vi.advanceTimersByTimeAsync(40_000);
    // The batch that was held when the queue filled up is kept beside the newest.
    const batch = storage.order.slice(0, 500);
    expect(batch).toEqual(sent.slice(0, 500));
    expect(storage.order.slice(500)).toEqual(sent.slice(-19_500));
    expect(logger.errors).toHaveLength(1);
    expect(logger.warnings.filter((line) => line.includes('dropped 10000 usage'))).toHaveLength(1);
  });
});
