import type { BucketSpan, Summarizer } from '../../../summary/index.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { RecordQueries } from '../records/record-queries.js';
import type { SqlScript } from '../sql-statement.js';
import { SumQueries } from './sum-queries.js';

/** Records up to which a month is recomputed as a whole. */
const RECORDS_IN_PART = 5000;

/**
 * The parts in which a month is recomputed: the month itself if it has at most 5,000 records, else
 * those of its days that have records or sums.
 */
export function* partsOfMonth(
  { layout, summarizer }: { readonly layout: SqlLayout; readonly summarizer: Summarizer },
  month: BucketSpan,
): SqlScript<BucketSpan[]> {
  const records = new RecordQueries(layout.records);
  const filter = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
  const { rows } = yield records.dateAt(RECORDS_IN_PART, filter);
  if (rows.length === 0) return [month];
  const sums = new SumQueries(layout.summaries);
  const days: BucketSpan[] = [];
  for (let from = month.start; ;) {
    let first = Infinity;
    const statements = [
      records.firstDate(from),
      ...summarizer.dimensions.map((dimension) => sums.firstDate(dimension, from)),
    ];
    for (const statement of statements) {
      const date = (yield statement).rows[0]?.['date'] ?? null;
      if (date !== null) first = Math.min(first, Number(date));
    }
    if (first >= month.end) return days;
    const day = summarizer.calendar.bucket('day', first);
    days.push(day);
    from = day.end;
  }
}
