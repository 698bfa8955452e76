import type { SummaryPeriod } from '../../../summary/index.js';
import { checkFormat, FORMAT, OLDEST_FORMAT } from '../../base/format.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { addToBuckets } from '../summaries/bucket-sizes.js';

// The format is noted in the buckets' table, which every version creates, under a name that no
// version takes for a dimension.
const MARK = '(format)';

type NoteName = 'format' | 'oldest';

/** @throws {NewerFormatError} if only the code of newer formats may write the tables. */
export function* refuseNewer(layout: SqlLayout): SqlScript {
  const { oldest } = yield* readFormat(layout);
  const { records, summaries } = layout;
  checkFormat(oldest, `SqlStorage: what is in the tables ${records.path} and ${summaries.path}`);
}

/**
 * Notes this version's format, and the oldest format whose code may still write the tables. Higher
 * numbers of a later version stay.
 */
export async function noteFormat(engine: SqlEngine, layout: SqlLayout): Promise<void> {
  const noted = await engine.transaction(() => readFormat(layout));
  const raised = (
    [
      ['format', FORMAT],
      ['oldest', OLDEST_FORMAT],
    ] as const
  ).filter(([name, value]) => noted[name] < value);
  if (raised.length === 0) return;
  await engine.transaction(() =>
    addToBuckets(
      layout.buckets,
      raised.map(([name, date]) => [{ dimension: MARK, period: name as SummaryPeriod, date }, 0]),
    ),
  );
}

/** The highest numbers that are noted; 0 if there is none, as version 0.1.0 notes none. */
function* readFormat({ buckets }: SqlLayout): SqlScript<Record<NoteName, number>> {
  const noted = { format: 0, oldest: 0 };
  if ((yield buckets.dialect.columnsOf(buckets)).rows.length === 0) return noted;
  const { rows } = yield {
    sql:
      `select ${buckets.selectList('t')} from ${buckets.path} t ` +
      `where t.${buckets.column('dimension')} = ${buckets.dialect.placeholder(1)}`,
    values: [MARK],
  };
  for (const row of rows) {
    const name = row['period'] as NoteName;
    noted[name] = Math.max(noted[name], Number(row['date']));
  }
  return noted;
}
