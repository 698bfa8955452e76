import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import type { SqlReading } from './sql-engine.js';

/** The part of reading that a signal can end. */
export type StoppableReading = Pick<SqlReading, 'read' | 'parts' | 'steps'>;

/** Reads until a signal. No statement begins after it, and a server ends the one that runs. */
export function stoppable(
  engine: StoppableReading,
  signal: AbortSignal | null | undefined,
): StoppableReading {
  if (!signal) return engine;
  const steps = <T>(script: () => SqlScript<T>) =>
    engine.steps(() => until(signal, script()), signal);
  const read = (statement: SqlStatement) =>
    steps(function* (): SqlScript<readonly SqlRow[]> {
      return (yield statement).rows;
    });
  return {
    steps,
    read,
    async *parts(statement) {
      signal.throwIfAborted();
      for await (const rows of engine.parts(statement, signal)) {
        yield rows;
        signal.throwIfAborted();
      }
    },
  };
}

function* until<T>(signal: AbortSignal, script: SqlScript<T>): SqlScript<T> {
  let step = script.next();
  while (!step.done) {
    signal.throwIfAborted();
    try {
      step = script.next(yield step.value);
    } catch (error) {
      step = script.throw(error);
    }
  }
  return step.value;
}
