import { equals } from '../../base/query/condition.js';
import type { BucketSpan } from '../../../summary/index.js';
import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { positionOfRow, type RecordPosition } from './record-position.js';
import { RecordQueries } from './record-queries.js';
import { nextWindow } from './record-windows.js';
import type { SqlScript } from '../sql-statement.js';
import type { ParsedSubject } from '../../base/parse-subject.js';

/** Where some records are, and the position where the search continues; null if it is complete. */
export interface RecordsOfSubject {
  readonly found: readonly RecordPosition[];
  readonly next: RecordPosition | null;
}

/**
 * Finds up to `limit` records of a subject, the newest first.
 *
 * @param isBlocking Whether each statement has to be short, however few records match.
 */
export function* recordsOfSubject(
  layout: SqlLayout,
  subject: ParsedSubject,
  { start, end }: BucketSpan,
  from: RecordPosition | null,
  limit: number,
  isBlocking: boolean,
): SqlScript<RecordsOfSubject> {
  const filter = filterOf(subject, start, end - 1);
  const queries = new RecordQueries(layout.records);
  const until = isBlocking ? yield* nextWindow(queries, filter, from) : null;
  const { rows } = yield queries.positions(from, until, limit, filter);
  const found = rows.map(positionOfRow);
  return { found, next: rows.length < limit ? until : found.at(-1)! };
}

/** The date of a subject's newest record up to `until`; null if there is none. */
export function* lastDateOf(
  layout: SqlLayout,
  subject: ParsedSubject,
  until: number | null,
  isBlocking: boolean,
): SqlScript<number | null> {
  const filter = filterOf(subject, null, until);
  const queries = new RecordQueries(layout.records);
  let from: RecordPosition | null = null;
  do {
    const window: RecordPosition | null = isBlocking
      ? yield* nextWindow(queries, filter, from)
      : null;
    const [row] = (yield queries.positions(from, window, 1, filter)).rows;
    if (row) return Number(row['date']);
    from = window;
  } while (from !== null);
  return null;
}

function filterOf(
  { field, value }: ParsedSubject,
  start: number | null,
  end: number | null,
): ParsedFilter {
  return {
    start: start === null ? null : new Date(start),
    end: end === null ? null : new Date(end),
    where: [equals(field, value)],
  };
}
