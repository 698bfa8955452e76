import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addLatency, encodeLatency, readJoinedLatency } from '../../lib/summary/index.js';

const counts = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 938 }), fc.integer({ min: 1, max: 1e12 })), {
    selector: ([slot]) => slot,
    maxLength: 100,
  })
  .map((pairs) => new Map(pairs));

function read(text: string): Map<number, number> {
  const found = new Map<number, number>();
  readJoinedLatency(text, (slot, count) => found.set(slot, count));
  return found;
}

describe('Texts of latency that a database has joined', () => {
  it('are read as the counts of all of them, each slot once, in rising order', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 10 }), (all) => {
        const expected = new Map<number, number>();
        for (const each of all) addLatency(expected, each);
        const found = read(all.map(encodeLatency).join(''));
        expect([...found]).toEqual([...expected].sort(([a], [b]) => a - b));
      }),
    );
  });

  it.each([
    ['of another version', '2:4w,'],
    ['of another version behind a known one', '1:4w,2:4w,'],
    ['without a version', '4w,'],
    ['cut in a slot', '1:4w,4'],
    ['cut in a count', '1:4w,4x3'],
    ['cut before the comma', '1:4w'],
    ['cut in the version', '1:4w,1'],
    ['with a sign that is no digit', '1:4w,4X3,'],
    ['with a count that is none', '1:4w-3,'],
    ['with a slot beyond the scale', '1:zz,'],
  ])('are refused as a whole if one is %s', (_, text) => {
    const seen: number[] = [];
    expect(() => readJoinedLatency(text, (slot) => seen.push(slot))).toThrow('Counts of latency');
    expect(seen).toEqual([]);
  });
});
