import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { RecordPath } from '../../../record/index.js';
import { fieldValue } from '../../base/query/condition.js';
import type { SqlScript } from '../sql-statement.js';
import { positionOfRow, type RecordPosition } from './record-position.js';
import type { RecordQueries } from './record-queries.js';

/** Records that one statement scans if it has to read each record. */
const WINDOW = 1000;
/** Records that one statement scans if it reads only their index. */
const INDEX_WINDOW = 10_000;

/** Fields with an index: a query for one of them scans no other records. */
const INDEXED: readonly RecordPath[] = ['username', 'visitorId'];

/**
 * The position at which the next window of records ends, the newest first. A statement that scans
 * one window is short, however few of its records match.
 *
 * @returns null if the window reaches to the oldest record.
 */
export function* nextWindow(
  queries: RecordQueries,
  filter: ParsedFilter,
  from: RecordPosition | null,
): SqlScript<RecordPosition | null> {
  if (isByIndex(filter)) return null;
  const size = filter.where.length === 0 ? INDEX_WINDOW : WINDOW;
  const [row] = (yield queries.windowEnd(from, size, filter)).rows;
  return row ? positionOfRow(row) : null;
}

/** Whether the database finds the records of a filter by an index, so that it scans no others. */
export function isByIndex({ where }: ParsedFilter): boolean {
  const only = where.length === 1 ? fieldValue(where[0]!) : null;
  return only !== null && only.value !== null && INDEXED.includes(only.path);
}
