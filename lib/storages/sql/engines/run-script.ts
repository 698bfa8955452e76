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
