import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import { stoppable, type StoppableReading } from '../engines/stoppable-reading.js';
import type { RecordAdder } from './record-adder.js';
import type { RecordQueries } from './record-queries.js';
import { isByIndex } from './record-windows.js';
import { WindowStarts } from './window-starts.js';

/** About as many records are added up by one statement: some tens of milliseconds. */
const WINDOW = 50_000;

/**
 * Adds records up by one statement for each window of time, the newest first, on a database that
 * cannot stop a statement. Between two of them a signal can end the work, and others are answered
 * by the same thread.
 *
 * @param query One that SQL can say.
 */
export async function* aggregateInWindows(
  engine: StoppableReading,
  queries: RecordQueries,
  adder: RecordAdder,
  query: AggregateQuery,
): AsyncGenerator<readonly RecordAggregate[], void, undefined> {
  const { filter } = query;
  const reading = stoppable(engine, filter.signal);
  const starts = new WindowStarts(reading, queries, WINDOW);
  let end = filter.end;
  let isLast = isByIndex(filter);
  do {
    const rest = { ...filter, end };
    // All records of one millisecond are in one window, so that dates alone divide them.
    const start = isLast ? null : await starts.next(rest);
    yield* adder.add(reading, { ...query, filter: { ...rest, start: start ?? filter.start } });
    isLast = start === null;
    if (start) end = new Date(start.getTime() - 1);
  } while (!isLast);
}
