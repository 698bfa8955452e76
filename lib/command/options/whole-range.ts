import { parseRange } from '../../storages/base/query/parse-range.js';
import type { DateRange, TimeRange } from '../../storages/contract/usage-query.js';

/** A range by its two dates alone, where `last` is not known. */
export function wholeRange(range: TimeRange): DateRange {
  const { start, end } = parseRange(range);
  return { ...(start && { startDate: start }), ...(end && { endDate: end }) };
}
