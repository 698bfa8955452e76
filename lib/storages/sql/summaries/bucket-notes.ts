import { LAST_INSTANT, type SummaryPeriod } from '../../../summary/index.js';
import type { PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import type { BucketTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript } from '../sql-statement.js';
import { addToBuckets } from './bucket-sizes.js';

/**
 * Numbers that are noted in the buckets' table, which every version creates. No dimension and no
 * period has these names, so these rows are not buckets.
 */
const NUMBER_NOTES = {
  pruned: { dimension: '(pruned)', prefix: 'until-' },
  format: { dimension: '(format)', prefix: '' },
} as const;

type NumberKind = keyof typeof NUMBER_NOTES;

/** Notes a number, unless a greater one is noted. */
export function* raiseNumber(
  table: BucketTable,
  kind: NumberKind,
  name: string,
  value: number,
): SqlScript {
  const known = (yield* readNumbers(table, kind)).get(name);
  if (known !== undefined && known >= value) return;
  const { dimension, prefix } = NUMBER_NOTES[kind];
  const period = prefix + name;
  yield* addToBuckets(table, [[{ dimension, period: period as SummaryPeriod, date: value }, 0]]);
  const { dialect } = table;
  const sql =
    `delete from ${table.path} where ${table.column('dimension')} = ${dialect.placeholder(1)} ` +
    `and ${table.column('period')} = ${dialect.placeholder(2)} ` +
    `and ${table.column('date')} < ${dialect.placeholder(3)}`;
  yield { sql, values: [dimension, period, value] };
}

/** The greatest number that is noted under each name. */
export function* readNumbers(table: BucketTable, kind: NumberKind): SqlScript<Map<string, number>> {
  const { dimension, prefix } = NUMBER_NOTES[kind];
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [dimension],
  };
  const numbers = new Map<string, number>();
  for (const row of rows) {
    const name = (row['period'] as string).slice(prefix.length);
    numbers.set(name, Math.max(numbers.get(name) ?? -Infinity, Number(row['date'])));
  }
  return numbers;
}

/** Raises the pruned watermark of a kind of data. */
export function notePruned(table: BucketTable, kind: keyof PrunedUntil, before: number): SqlScript {
  return raiseNumber(table, 'pruned', kind, before);
}

/** The pruned watermarks of each kind of data. */
export function* readPruned(table: BucketTable): SqlScript<PrunedUntil> {
  return Object.fromEntries(yield* readNumbers(table, 'pruned'));
}

// Zones are noted in the buckets' table, which every version creates. No dimension has such a name,
// and the notes' dates are later than those of all buckets, so pruning by date never deletes them.
const ZONE_MARK = '(zone) ';
const AFTER_ZONE_MARK = '(zone)!';
const COMPLETE = LAST_INSTANT;
const INCOMPLETE = LAST_INSTANT + 1;

/** The noted zone of each dimension's sums. */
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
        zone: (row['dimension'] as string).slice(ZONE_MARK.length),
        isComplete: Number(row['date']) === COMPLETE,
      },
    ]),
  );
}

/** Replaces the noted zone of some dimensions. The caller must hold `lockExclusive`. */
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
    const note = { dimension: ZONE_MARK + zone, period: name as SummaryPeriod, date };
    return [note, 0] as const;
  });
  yield* addToBuckets(table, notes);
}

function isNote(table: BucketTable, bindings: SqlBindings, alias: string): string {
  const dimension = alias + table.column('dimension');
  return `${dimension} >= ${bindings.add(ZONE_MARK)} and ${dimension} < ${bindings.add(AFTER_ZONE_MARK)}`;
}

// No dimension and no period has these names, so these rows are not buckets.
const ERASURE_MARK = '(forgetting)';
const ERASURE_PERIOD = 'month-of';

/** Notes in the buckets' table that the sums of a month have to be recomputed after erasing. */
export function* noteErasure(table: BucketTable, date: number): SqlScript {
  const mark = { dimension: ERASURE_MARK, period: ERASURE_PERIOD as SummaryPeriod, date };
  yield* addToBuckets(table, [[mark, 0]]);
}

/** Deletes the note: the sums of the month are recomputed. */
export function* endErasure(table: BucketTable, date: number): SqlScript {
  const { dialect } = table;
  const terms = (['dimension', 'period', 'date'] as const).map(
    (each, at) => `${table.column(each)} = ${dialect.placeholder(at + 1)}`,
  );
  yield {
    sql: `delete from ${table.path} where ${terms.join(' and ')}`,
    values: [ERASURE_MARK, ERASURE_PERIOD, date],
  };
}

/** The noted instants, each the start of a month. */
export function* readErasures(table: BucketTable): SqlScript<number[]> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [ERASURE_MARK],
  };
  return rows.map((row) => Number(row['date']));
}
