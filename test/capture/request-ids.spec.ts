import { describe, expect, it } from 'vitest';
import { parse, v7, validate, version } from 'uuid';
import { requestId, assignSequence } from '../../lib/capture/request-ids.js';

function idAt(date: number): string {
  const order = { stamp: 0, sequence: 0 };
  assignSequence(order, date);
  return requestId(order);
}

const millisecondsOf = (id: string) => parseInt(id.replace('-', '').slice(0, 12), 16);

describe('The id of a request', () => {
  it('is a UUIDv7 of its date', () => {
    const date = Date.now();
    const id = idAt(date);
    expect(version(id)).toBe(7);
    expect(validate(id)).toBe(true);
    expect(millisecondsOf(id)).toBe(date);
  });

  it('has time, sequence and random bytes where RFC 9562 has them, at every size of the sequence', () => {
    for (const sequence of [0, 1, 0x3f, 0x40, 0x3fff, 0x4000, 0xfffff, 2 ** 28, 2 ** 32 - 1]) {
      const order = { stamp: 1_790_000_000_123, sequence };
      const id = requestId(order);
      const random = Uint8Array.from(parse(id));
      expect(v7({ msecs: order.stamp, seq: sequence, random })).toBe(id);
    }
  });

  it('is unique and rises within a millisecond and across', () => {
    const from = Date.now() + 10;
    const ids = Array.from({ length: 20_000 }, (_, n) => idAt(from + Math.floor(n / 5000)));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('rises when the clock is set back', () => {
    const later = idAt(Date.now() + 100_000);
    expect(idAt(Date.now()) > later).toBe(true);
  });

  it('sorts by arrival, in whatever order requests end', () => {
    const date = Date.now() + 200_000;
    const orders = Array.from({ length: 100 }, () => ({ stamp: 0, sequence: 0 }));
    orders.forEach((order) => assignSequence(order, date));
    const ids = [...orders].reverse().map((order) => requestId(order));
    expect([...ids].sort()).toEqual(ids.reverse());
  });
});
