import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { UsageWhere } from '../../contract/usage-query.js';
import type { SqlScript } from '../sql-statement.js';
import type { RecordPosition, RecordQueries } from './record-queries.js';

/** Records that one statement looks at, where it has to read each of them. */
const WINDOW = 1000;
/** And where it reads no more than their index. */
const INDEX_WINDOW = 10_000;

/** By these alone records are found without looking at others. */
const INDEXED: readonly (keyof UsageWhere)[] = ['username', 'visitorId'];

/**
 * Where the next window of records ends, the newest first, so that a statement that looks through
 * it is short however few records match; null: it reaches to the last one.
 */
export function* nextWindow(
  queries: RecordQueries,
  filter: ParsedFilter,
  from: RecordPosition | null,
): SqlScript<RecordPosition | null> {
  const [first, ...others] = filter.where.filter(([, value]) => value !== null);
  const isIndexed = filter.where.length === 1 && first && INDEXED.includes(first[0]);
  if (isIndexed && others.length === 0) return null;
  const size = filter.where.length === 0 ? INDEX_WINDOW : WINDOW;
  const [row] = (yield queries.windowEnd(from, size, filter)).rows;
  return row ? { date: new Date(Number(row['date'])), id: row['id'] as string } : null;
}
