import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addLatency,
  decodeLatency,
  encodeLatency,
  latencySlot,
  latencyValue,
  mergeLatency,
  percentiles,
} from '../../lib/summary/index.js';

const MONTH = 31 * 86_400 * 1_000_000;
const micros = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.integer({ min: 0, max: MONTH }),
);
const counts = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 938 }), fc.integer({ min: 1, max: 1e12 })), {
    selector: ([slot]) => slot,
    maxLength: 300,
  })
  .map((pairs) => new Map(pairs));

describe('The scale of latency', () => {
  it('stands for every latency within 2 %, up to 285 years', () => {
    fc.assert(
      fc.property(fc.oneof(micros, fc.maxSafeNat()), (latency) => {
        expect(relativeError(latencyValue(latencySlot(latency)), latency)).toBeLessThanOrEqual(
          0.02,
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps to 2 % and to its order at each of the first 100,000 microseconds', () => {
    let before = 0;
    let worst = 0;
    for (let latency = 0; latency <= 100_000; latency++) {
      const slot = latencySlot(latency);
      if (slot < before) throw new Error(`${latency} µs is in slot ${slot}, below ${before}`);
      worst = Math.max(worst, relativeError(latencyValue(slot), latency));
      before = slot;
    }
    expect(worst).toBeLessThanOrEqual(0.02);
    expect(worst).toBeGreaterThan(0.015);
  });

  it('has slots where they have always been', () => {
    const slots = [0, 1, 2, 1000, 1_000_000, 86_400_000_000, Number.MAX_SAFE_INTEGER];
    expect(slots.map(latencySlot)).toEqual([0, 1, 19, 178, 354, 644, 938]);
    expect(latencyValue(0)).toBe(0);
    expect(latencyValue(1)).toBe(1e-6);
  });

  it('takes what is no latency for none', () => {
    expect([-1, NaN, -Infinity, 0.4].map(latencySlot)).toEqual([0, 0, 0, 0]);
    expect(latencySlot(Infinity)).toBe(938);
    expect(() => latencyValue(939)).toThrow(/from 0 to 938/);
  });
});

describe('Percentiles', () => {
  it('are within 2 % of those of the values themselves', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 400 }), (latencies) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        const got = percentiles(counted(latencies), [50, 95, 99]);
        for (const [index, percent] of [50, 95, 99].entries()) {
          const exact = sorted[Math.ceil((percent * sorted.length) / 100) - 1]!;
          expect(relativeError(got[index]!, exact)).toBeLessThanOrEqual(0.02);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of one value are that value', () => {
    for (const latency of [0, 1, 250, 1_234_567])
      for (const percentile of percentiles(counted([latency]), [50, 95, 99]))
        expect(relativeError(percentile, latency)).toBeLessThanOrEqual(0.02);
  });

  it('take the nearest rank: of a hundred values the 50th, the 95th and the 99th', () => {
    const hundred = counted(Array.from({ length: 100 }, (_, i) => (i + 1) * 1_000_000));
    const [p50, p95, p99, p100] = percentiles(hundred, [50, 95, 99, 100]);
    expect(p50).toBe(latencyValue(latencySlot(50_000_000)));
    expect(p95).toBe(latencyValue(latencySlot(95_000_000)));
    expect(p99).toBe(latencyValue(latencySlot(99_000_000)));
    expect(p100).toBe(latencyValue(latencySlot(100_000_000)));
  });

  it('of nothing are zero', () => {
    expect(percentiles(new Map(), [50, 95, 99])).toEqual([0, 0, 0]);
  });

  it('refuse a slot that is not on the scale, and leave nothing of its row to the next', () => {
    for (const slot of [939, -1, 1.5, NaN]) {
      const spoilt = new Map([
        [400, 1000],
        [slot, 1],
      ]);
      expect(() => percentiles(spoilt, [50, 95, 99])).toThrow(`from 0 to 938, but got ${slot}`);
      const one = latencyValue(200);
      expect(percentiles(new Map([[200, 1]]), [50, 99])).toEqual([one, one]);
    }
  });
});

describe('Counts of latency as text', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(counts, (given) => {
        const read = decodeLatency(encodeLatency(given));
        expect(new Map([...read].sort(([a], [b]) => a - b))).toEqual(
          new Map([...given].sort(([a], [b]) => a - b)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are the same text however the counts came about', () => {
    fc.assert(
      fc.property(counts, counts, counts, (a, b, c) => {
        const together = new Map(a);
        addLatency(together, b);
        addLatency(together, c);
        const text = encodeLatency(together);
        const [ofA, ofB, ofC] = [encodeLatency(a), encodeLatency(b), encodeLatency(c)];
        expect(mergeLatency(mergeLatency(ofA, ofB), ofC)).toBe(text);
        expect(mergeLatency(ofC, mergeLatency(ofA, ofB))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('have a shape that does not change', () => {
    const given = new Map([
      [360, 61],
      [177, 3],
      [176, 1],
      [0, 36 ** 4],
    ]);
    expect(encodeLatency(given)).toBe('1:0010000,4w,4x3,a01p,');
    expect(encodeLatency(new Map())).toBe('1:');
    expect(decodeLatency('1:')).toEqual(new Map());
  });

  it.each(['', '2:4w,', '1:4w', '1:4,', '1:4w0,', '1:4W,', '1:-1,', '[]'])(
    'are refused in another shape: %j',
    (text) => {
      expect(() => decodeLatency(text)).toThrow(/expected text such as '1:4w,4x3,'/);
    },
  );

  it('never hang a merge, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), counts, (text, given) => {
        try {
          expect(mergeLatency(`1:${text},`, encodeLatency(given))).toEqual(expect.any(String));
          expect(mergeLatency(encodeLatency(given), `1:${text},`)).toEqual(expect.any(String));
        } catch (error) {
          expect(String(error)).toContain('Counts of latency');
        }
      }),
    );
  });
});

function counted(latencies: readonly number[]): Map<number, number> {
  const map = new Map<number, number>();
  for (const latency of latencies) addLatency(map, new Map([[latencySlot(latency), 1]]));
  return map;
}

function relativeError(seconds: number, micros: number): number {
  return micros === 0 ? seconds : Math.abs(seconds * 1e6 - micros) / micros;
}
