import fc from 'fast-check';
import { BSON, Double, Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { readRawLatency } from '../../../lib/storages/mongo/summaries/raw-latency.js';

/** Counts as MongoDB keeps them: of 32 or 64 bits, or with a fraction point. */
const count = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.integer({ min: 1, max: 1e12 }).map((value) => Long.fromNumber(value)),
  fc.integer({ min: 1, max: 1e12 }).map((value) => new Double(value)),
);
const counts = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 938 }), count), {
    selector: ([slot]) => slot,
    maxLength: 100,
  })
  .map((pairs) => new Map(pairs));

function read(bytes: Uint8Array): Map<number, number> {
  const found = new Map<number, number>();
  readRawLatency(bytes, (slot, value) => found.set(slot, value));
  return found;
}

describe('Counts of latency in bytes of BSON', () => {
  it('are read as the driver reads them', () => {
    fc.assert(
      fc.property(counts, (all) => {
        const document = Object.fromEntries([...all].map(([slot, value]) => [String(slot), value]));
        const expected = new Map([...all].map(([slot, value]) => [slot, Number(value)]));
        const found = read(BSON.serialize(document));
        expect([...found].sort(([a], [b]) => a - b)).toEqual(
          [...expected].sort(([a], [b]) => a - b),
        );
      }),
    );
  });

  it('are none if a slot was emptied', () => {
    expect(read(BSON.serialize({ 12: 0, 13: 2 }))).toEqual(new Map([[13, 2]]));
  });

  it.each([
    ['a slot beyond the scale', { 99999: 1 }],
    ['a slot that is no number', { seen: 1 }],
    ['a count that is no number', { 12: 'many' }],
  ])('are refused with %s', (_, document) => {
    expect(() => read(BSON.serialize(document))).toThrow('latency: expected counts by their slots');
  });
});
