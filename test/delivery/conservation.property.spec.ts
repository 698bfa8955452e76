import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from './faulty-storage.js';
import { DeliveryModel, type Reached } from './delivery-model.js';
import { propertyRuns } from '../support/property-runs.js';

type Step =
  | { do: 'record'; count: number; poison: number[] }
  | { do: 'wait'; ms: number }
  | { do: 'flush'; timeout: number }
  | { do: 'fault'; storage: 0 | 1; faults: Fault[] }
  | { do: 'recover'; storage: 0 | 1 };

const RUNS = 1000;
/** Milliseconds: enough to search for the poison there may be, once the storages have recovered. */
const ENOUGH = 30_000;
const LITTLE = 1000;

/** Sequences of what may happen, the storages failing in the given ways. */
function steps(...faults: Fault[]): fc.Arbitrary<Step[]> {
  const storage = fc.constantFrom(0 as const, 1 as const);
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('record' as const),
        count: fc.integer({ min: 1, max: 40 }),
        poison: fc.array(fc.nat({ max: 39 }), { maxLength: 3 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.integer({ min: 1, max: 5000 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('flush' as const),
        timeout: fc.integer({ min: 1, max: 3000 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('fault' as const),
        storage,
        faults: fc.array(fc.constantFrom<Fault>('none', ...faults), { minLength: 1 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('recover' as const), storage }) },
  );
  return fc.array(step, { minLength: 1, maxLength: 20 });
}

async function play(model: DeliveryModel, sequence: readonly Step[]): Promise<void> {
  for (const step of sequence) {
    switch (step.do) {
      case 'record':
        model.record(step.count, step.poison);
        break;
      case 'wait':
        await vi.advanceTimersByTimeAsync(step.ms);
        break;
      case 'flush':
        model.flush(step.timeout);
        break;
      case 'fault':
        model.storages[step.storage].fault = (call) =>
          step.faults[call % step.faults.length] ?? 'none';
        break;
      case 'recover':
        model.storages[step.storage].fault = () => 'none';
    }
    model.check();
  }
}

describe('whatever happens', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('to the connections and with records that are refused, every record is accounted for, stored once and in order, and none that is sound is given up but by a full queue or at the end', async () => {
    let reached: Reached = { refused: 0, overflow: 0, shutdown: 0, lateFlushes: 0 };
    await fc.assert(
      fc.asyncProperty(
        steps('cut', 'lose', 'hang'),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        async (sequence, batchSize, recoversAtEnd) => {
          const model = new DeliveryModel({
            batchSize,
            shutdownTimeout: recoversAtEnd ? ENOUGH : LITTLE,
          });
          await play(model, sequence);
          if (recoversAtEnd) for (const storage of model.storages) storage.fault = () => 'none';
          await model.close();
          model.checkEnd();
          model.checkOrder();
          model.checkOnlyPoisonRefused();
          if (recoversAtEnd) model.checkOnlyPoisonLeft();
          reached = model.addTo(reached);
        },
      ),
      { numRuns: RUNS },
    );
    // The sequences reach what they are to reach.
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(100);
  }, 120_000);

  it('to a storage that does not say what is wrong, every record is accounted for, and stored once', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps('fail', 'throw', 'reject-oddly', 'cut', 'lose', 'hang'),
        fc.integer({ min: 1, max: 12 }),
        async (sequence, batchSize) => {
          const model = new DeliveryModel({ batchSize, shutdownTimeout: LITTLE });
          await play(model, sequence);
          await model.close();
          model.checkEnd();
        },
      ),
      { numRuns: propertyRuns(RUNS) },
    );
  }, 120_000);
});
