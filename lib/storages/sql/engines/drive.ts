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
