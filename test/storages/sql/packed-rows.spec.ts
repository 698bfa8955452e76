import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRows, UnpackedRows } from '../../../lib/storages/sql/threads/thread-messages.js';

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('GET', ''),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
  fc.constant(null),
);
const rows = fc
  .integer({ min: 1, max: 5 })
  .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width })));

it('rows that were packed for another thread are there what they were', () => {
  fc.assert(
    fc.property(rows, (given) => {
      expect([...new UnpackedRows(structuredClone(packRows(given)))]).toEqual(given);
    }),
  );
});
