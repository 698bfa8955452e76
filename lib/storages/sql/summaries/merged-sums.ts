import { readJoinedLatency } from '../../../summary/index.js';
import type { ScannedSum, SumRangeQuery, SumScanQuery } from '../../base/storage-parts.js';
import { aggregateTerms } from '../dialects/aggregate-terms.js';
import type { SqlRow } from '../dialects/shapes.js';
import { MEASURE_COLUMNS } from '../layout/summary-columns.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';
import { rangesRows } from './sum-queries.js';
import { countsOf } from './sum-rows.js';

/** Some ranges of buckets of one summary, at least one. */
export type MergedSumsQuery = Omit<SumRangeQuery, 'range'> & Pick<SumScanQuery, 'ranges' | 'keys'>;

/**
 * A statement that adds up the rows of each key in some buckets.
 *
 * @param left Properties that are not read.
 */
export function mergedSums(
  table: SummaryTable,
  query: MergedSumsQuery,
  left: readonly string[],
): SqlStatement {
  const { dialect } = table;
  const aggregate = aggregateTerms(dialect);
  const bindings = new SqlBindings(dialect);
  const column = (name: Parameters<SummaryTable['column']>[0]) => `t.${table.column(name)}`;
  const [hits, measured, date] = [column('hits'), column('measured'), column('date')];
  const { from, terms } = rangesRows(table, query, bindings);
  const named: [term: string, name: string][] = [
    [column('key'), 'key'],
    [`max(${column('longKey')})`, 'long_key'],
  ];
  for (const { name, property } of MEASURE_COLUMNS) {
    if (left.includes(property)) continue;
    const of = column(property);
    // Version 0.1.0 adds to rows without noting when, so that only their bucket tells.
    const first = `min(case when ${measured} = ${hits} then ${of} else ${date} end)`;
    const merged = { firstSeen: first, lastSeen: `max(${of})` } as Record<string, string>;
    named.push([merged[property] ?? `sum(${of})`, name]);
  }
  if (!left.includes('latency')) {
    const latency = column('latency');
    named.push([aggregate.joined(latency), 'latency'], [`sum(length(${latency}))`, 'size']);
  }
  const list = named.map(([term, name]) => `${term} as ${dialect.quote(name)}`).join(', ');
  return {
    sql:
      `select ${aggregate.joining}${list} from ${from} ` +
      `where ${[...terms, `${hits} > 0`].join(' and ')} group by ${column('key')}`,
    values: bindings.values,
  };
}

/** Whether a row has the latency of all rows that it was made of: some databases cut long texts. */
export function isWhole(row: SqlRow): boolean {
  const latency = row['latency'] as string | undefined;
  return latency === undefined || latency.length === Number(row['size']);
}

/** Converts a row of `mergedSums`. */
export function mergedSumOf(row: SqlRow): ScannedSum {
  const latency = row['latency'] as string | undefined;
  const counts = countsOf(row);
  return {
    bucket: counts.firstSeen,
    key: (row['long_key'] ?? row['key']) as string,
    counts,
    eachSlot(onSlot) {
      if (latency !== undefined) readJoinedLatency(latency, onSlot);
    },
  };
}
