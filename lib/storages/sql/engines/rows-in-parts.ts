import { setImmediate as turn } from 'node:timers/promises';
import type { SqlRow } from '../layout/column.js';

/** Rows that are handed over at once: what is made of them must not take long. */
export const ROWS_IN_PART = 500;

/** Hands rows over in parts, with a turn of the event loop between. */
export async function* rowsInParts(
  rows: readonly SqlRow[],
): AsyncGenerator<readonly SqlRow[], void, undefined> {
  for (let at = 0; at < rows.length; at += ROWS_IN_PART) {
    if (at > 0) await turn();
    yield rows.slice(at, at + ROWS_IN_PART);
  }
}
