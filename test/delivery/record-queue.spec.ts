import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueuedRecord, RecordQueue } from '../../lib/delivery/record-queue.js';
import { makeRecord } from 'nestjs-track-usage/testing';

const record = makeRecord();

describe('the queue of records', () => {
  it('gives back what it was given, in order, however it grows and empties', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 20 }), (moves) => {
        const queue = new RecordQueue();
        const expected: QueuedRecord[] = [];
        let sequence = 0;
        for (const move of moves) {
          for (let i = 0; i < move; i++) {
            const item = new QueuedRecord(record, sequence++, 7);
            queue.push(item);
            expected.push(item);
          }
          const taken = Array.from({ length: Math.max(0, -move) }, () => queue.shift());
          const first = expected.splice(0, taken.length);
          expect(taken.every((item, at) => item === first[at])).toBe(true);
          expect(queue.length).toBe(expected.length);
          expect(queue.bytes).toBe(7 * expected.length);
          expect(queue.peek()).toBe(expected[0]);
        }
        const left = queue.clear();
        expect(left.length).toBe(expected.length);
        expect(left.every((item, at) => item === expected[at])).toBe(true);
        expect(queue.length + queue.bytes).toBe(0);
        expect(queue.peek()).toBeUndefined();
      }),
    );
  });
});
