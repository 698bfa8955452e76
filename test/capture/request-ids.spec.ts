import { describe, expect, it } from 'vitest';
import { version } from 'uuid';
import { requestId, takePlace } from '../../lib/capture/request-ids.js';

function idAt(date: number): string {
  const order = { stamp: 0, sequence: 0 };
  takePlace(order, date);
  return requestId(order);
}

const millisecondsOf = (id: string) => parseInt(id.replace('-', '').slice(0, 12), 16);

describe('The id of a request', () => {
  it('is a UUIDv7 of its date', () => {
    const date = Date.now();
    const id = idAt(date);
    expect(version(id)).toBe(7);
    expect(millisecondsOf(id)).toBe(date);
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
    orders.forEach((order) => takePlace(order, date));
    const ids = [...orders].reverse().map((order) => requestId(order));
    expect([...ids].sort()).toEqual(ids.reverse());
  });
});
