import { setImmediate as turn } from 'node:timers/promises';
import type { SqlRow } from '../dialects/shapes.js';
import { PAUSE, type SqlResult, type SqlScript, type SqlStatement } from '../sql-statement.js';

const NOTHING: SqlResult = { rows: [], changes: 0 };

/** Runs a script, statement by statement. */
export async function drive<T>(
  script: SqlScript<T>,
  run: (statement: SqlStatement) => Promise<SqlResult>,
  pause: () => Promise<unknown>,
): Promise<T> {
  let step = script.next();
  while (!step.done) {
    let result = NOTHING;
    try {
      if (step.value === PAUSE) await pause();
      else result = await run(step.value);
    } catch (error) {
      step = script.throw(error);
      continue;
    }
    step = script.next(result);
  }
  return step.value;
}

/** How long work in this thread may occupy the event loop before it yields. */
const SLICE_MS = 8;

/** A slice of time in one turn of the event loop. */
export class Slice {
  private began = performance.now();

  /** Whether the slice has used up its time. */
  get isOver(): boolean {
    return performance.now() - this.began >= SLICE_MS;
  }

  /** Yields to the event loop and starts a new slice. */
  async next(): Promise<void> {
    await turn();
    this.began = performance.now();
  }

  /** Yields to the event loop if the slice is over. */
  async step(): Promise<void> {
    if (this.isOver) await this.next();
  }
}

/** Rows in one part: processing them must not take long. */
export const ROWS_IN_PART = 500;

/** Yields rows in parts, with a turn of the event loop between two parts. */
export async function* rowsInParts(
  rows: readonly SqlRow[],
): AsyncGenerator<readonly SqlRow[], void, undefined> {
  for (let at = 0; at < rows.length; at += ROWS_IN_PART) {
    if (at > 0) await turn();
    yield rows.slice(at, at + ROWS_IN_PART);
  }
}
