import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecords } from '../support/make-record.js';
import { FaultyStorage, type Fault } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

type Step =
  | { do: 'record'; count: number }
  | { do: 'wait'; ms: number }
  | { do: 'flush' }
  | { do: 'fault'; faults: Fault[] }
  | { do: 'recover' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      count: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 5000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      faults: fc.array(fc.constantFrom<Fault>('none', 'cut', 'lose', 'hang'), { minLength: 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recover' as const) }) },
);

describe('whatever happens', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('no record is unaccounted for, none is stored out of order, and none is lost but by a full queue or at the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (steps, recoverAtEnd) => {
          const storage = new FaultyStorage();
          const { delivery } = startDelivery([storage], {
            batchSize: 10,
            flushInterval: 100,
            maxPending: 100,
            storeTimeout: 500,
            shutdownTimeout: 20_000,
          });
          const sent: string[] = [];
          for (const now of steps) {
            switch (now.do) {
              case 'record':
                for (const record of makeRecords(now.count)) {
                  sent.push(record.id);
                  delivery.record(record, null);
                }
                break;
              case 'wait':
                await vi.advanceTimersByTimeAsync(now.ms);
                break;
              case 'flush':
                void delivery.flush(10_000);
                break;
              case 'fault':
                storage.fault = (call) => now.faults[call % now.faults.length] ?? 'none';
                break;
              case 'recover':
                storage.fault = () => 'none';
            }
            countsOf(delivery, storage);
          }
          if (recoverAtEnd) storage.fault = () => 'none';
          const closed = delivery.shutdown();
          await vi.advanceTimersByTimeAsync(45_000);
          await closed;

          const { seen, stored, waiting, dropped } = countsOf(delivery, storage);
          expect(seen).toBe(sent.length);
          expect(waiting).toBe(0);
          expect(stored).toBeLessThanOrEqual(storage.size);
          expect(dropped.refused ?? 0).toBe(0);
          if (recoverAtEnd) expect(dropped.shutdown ?? 0).toBe(0);
          const places = storage.order.map((id) => sent.indexOf(id));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        },
      ),
      { numRuns: 1000 },
    );
  }, 60_000);
});
