import { type SummaryPeriod, LAST_INSTANT } from '../../summary/index.js';
import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import type { SqlDialect } from './dialects/dialect.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlValue } from './dialects/shapes.js';
import type { BucketTable, SqlLayout } from './layout/sql-layout.js';
import { type SqlScript, SqlBindings, type SqlStatement } from './sql-statement.js';
import { addToBuckets } from './summaries/bucket-sizes.js';

// No dimension has such a name, and no period either: these rows are nobody's buckets.
const PRUNED_MARK = '(pruned)';
const PRUNED_PERIOD = 'until-';

/** Notes, in the table of buckets, that data of a kind is gone from before an instant. */
export function* notePruned(
  table: BucketTable,
  kind: keyof PrunedUntil,
  before: number,
): SqlScript {
  const { [kind]: known } = yield* readPruned(table);
  if (known !== undefined && known >= before) return;
  const period = PRUNED_PERIOD + kind;
  const mark = { dimension: PRUNED_MARK, period: period as SummaryPeriod, date: before };
  yield* addToBuckets(table, [[mark, 0]]);
  const { dialect } = table;
  const sql =
    `delete from ${table.path} where ${table.column('dimension')} = ${dialect.placeholder(1)} ` +
    `and ${table.column('period')} = ${dialect.placeholder(2)} ` +
    `and ${table.column('date')} < ${dialect.placeholder(3)}`;
  yield { sql, values: [PRUNED_MARK, period, before] };
}

export function* readPruned(table: BucketTable): SqlScript<PrunedUntil> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [PRUNED_MARK],
  };
  const pruned: PrunedUntil = {};
  for (const row of rows) {
    const kind = (row['period'] as string).slice(PRUNED_PERIOD.length) as keyof PrunedUntil;
    pruned[kind] = Math.max(pruned[kind] ?? -Infinity, Number(row['date']));
  }
  return pruned;
}

// In the table of buckets, which every version makes: no dimension has such a name, and no bucket
// begins so late that any would be pruned by its date.
const ZONE_MARK = '(zone) ';
const AFTER_ZONE_MARK = '(zone)!';
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
        zone: (row['dimension'] as string).slice(ZONE_MARK.length),
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
    const note = { dimension: ZONE_MARK + zone, period: name as SummaryPeriod, date };
    return [note, 0] as const;
  });
  yield* addToBuckets(table, notes);
}

function isNote(table: BucketTable, bindings: SqlBindings, alias: string): string {
  const dimension = alias + table.column('dimension');
  return `${dimension} >= ${bindings.add(ZONE_MARK)} and ${dimension} < ${bindings.add(AFTER_ZONE_MARK)}`;
}

// No dimension has such a name, and no period either: these rows are nobody's buckets.
const ERASURE_MARK = '(forgetting)';
const ERASURE_PERIOD = 'month-of';

/** Notes, in the table of buckets, that the sums of a month have to be made anew. */
export function* noteForgetting(table: BucketTable, date: number): SqlScript {
  const mark = { dimension: ERASURE_MARK, period: ERASURE_PERIOD as SummaryPeriod, date };
  yield* addToBuckets(table, [[mark, 0]]);
}

/** Takes the note away: the sums of the month are right. */
export function* endForgetting(table: BucketTable, date: number): SqlScript {
  const { dialect } = table;
  const terms = (['dimension', 'period', 'date'] as const).map(
    (each, at) => `${table.column(each)} = ${dialect.placeholder(at + 1)}`,
  );
  yield {
    sql: `delete from ${table.path} where ${terms.join(' and ')}`,
    values: [ERASURE_MARK, ERASURE_PERIOD, date],
  };
}

/** The first instants of the months that are noted. */
export function* readForgetting(table: BucketTable): SqlScript<number[]> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [ERASURE_MARK],
  };
  return rows.map((row) => Number(row['date']));
}

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  engine: SqlEngine,
  { salts }: SqlLayout,
  day: string,
  proposed: string,
): Promise<string> {
  const { dialect } = salts;
  const selection: SqlStatement = {
    sql:
      `select t.${salts.column('salt')} as ${dialect.quote('salt')} from ${salts.path} t ` +
      `where t.${salts.column('day')} = ${dialect.placeholder(1)}`,
    values: [day],
  };
  const [known] = await engine.read(selection);
  if (known) return String(known['salt']);
  return engine.transaction(function* () {
    // Of several that insert, the primary key lets the first one through.
    yield* dialect.insert(salts, [[day, unlogged(dialect, proposed)]]);
    const { rows } = yield selection;
    return String(rows[0]?.['salt']);
  });
}

/** Deletes the salts of the days before. */
export async function forgetDailySalts(
  engine: SqlEngine,
  { salts }: SqlLayout,
  before: string,
): Promise<void> {
  const bindings = new SqlBindings(salts.dialect);
  const sql = `delete from ${salts.path} where ${salts.column('day')} < ${bindings.add(before)}`;
  await engine.transaction(function* () {
    yield { sql, values: bindings.values };
  });
}

/**
 * A text that is bound as it is, and of which an application that has TypeORM log its queries reads
 * `[hidden]`: both drivers ask an object for its value, and the log makes JSON of it.
 */
export function unlogged(dialect: SqlDialect, text: string): SqlValue {
  // SQLite is driven without TypeORM's log.
  if (dialect.name === 'sqlite') return text;
  if (!/^[\w-]*$/.test(text)) throw new TypeError('The text has characters that SQL may read.');
  const hidden = {
    toPostgres: () => text,
    toSqlString: () => `'${text}'`,
    toJSON: () => '[hidden]',
  };
  return hidden as unknown as SqlValue;
}
