import { LAST_INSTANT, type SummaryPeriod } from '../../../summary/index.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import type { BucketTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript } from '../sql-statement.js';
import { addToBuckets } from './lock-buckets.js';

// In the table of buckets, which every version makes: no dimension has such a name, and no bucket
// begins so late that any would be pruned by its date.
const MARK = '(zone) ';
const AFTER_MARK = '(zone)!';
const COMPLETE = LAST_INSTANT;
const INCOMPLETE = LAST_INSTANT + 1;

/** The zones that the sums of each dimension are said to be cut in. */
export function* readZones(table: BucketTable): SqlScript<Map<string, NotedZone>> {
  const bindings = new SqlBindings(table.dialect);
  const { rows } = yield {
    sql: `select ${table.selectList('t')} from ${table.path} t where ${isNote(table, bindings, 't.')}`,
    values: bindings.values,
  };
  return new Map(
    rows.map((row) => [
      row['period'] as string,
      {
        zone: (row['dimension'] as string).slice(MARK.length),
        isComplete: Number(row['date']) === COMPLETE,
      },
    ]),
  );
}

/** Notes the zone of some dimensions. To be done while nobody else does. */
export function* noteZone(
  table: BucketTable,
  dimensions: readonly string[],
  { zone, isComplete }: NotedZone,
): SqlScript {
  const bindings = new SqlBindings(table.dialect);
  const where = isNote(table, bindings, '');
  const names = dimensions.map((name) => bindings.add(name)).join(', ');
  yield {
    sql: `delete from ${table.path} where ${where} and ${table.column('period')} in (${names})`,
    values: bindings.values,
  };
  const date = isComplete ? COMPLETE : INCOMPLETE;
  const notes = [...dimensions].sort().map((name) => {
    const note = { dimension: MARK + zone, period: name as SummaryPeriod, date };
    return [note, 0] as const;
  });
  yield* addToBuckets(table, notes);
}

function isNote(table: BucketTable, bindings: SqlBindings, alias: string): string {
  const dimension = alias + table.column('dimension');
  return `${dimension} >= ${bindings.add(MARK)} and ${dimension} < ${bindings.add(AFTER_MARK)}`;
}
