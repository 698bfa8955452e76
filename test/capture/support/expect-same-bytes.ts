import { expect } from 'vitest';
import { withoutDate } from './http-text.js';

/** Both answers are the same byte for byte, but for the clock. */
export function expectSameBytes(actual: Buffer, expected: Buffer): void {
  const [got, wanted] = [withoutDate(actual), withoutDate(expected)];
  if (got === wanted) return;
  // Answers may be long: what is shown begins shortly before they part.
  let at = 0;
  while (got[at] === wanted[at]) at++;
  const from = Math.max(0, at - 100);
  expect({ length: got.length, from, text: got.slice(from, from + 500) }).toEqual({
    length: wanted.length,
    from,
    text: wanted.slice(from, from + 500),
  });
}
