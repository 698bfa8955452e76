import type { BucketSpan, SummaryPeriod } from '../../../summary/index.js';
import {
  coverageOfText,
  mergeSpans,
  textOfCoverage,
  type Coverage,
} from '../../base/coverage-note.js';
import type { BucketKey } from '../dialects/sum-key.js';
import type { BucketTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { addToBuckets, lockBuckets } from './bucket-sizes.js';

// Notes in the buckets' table, which every version creates. No dimension and no period has these
// names, so these rows are not buckets.
const MARK = '(coverage)';
const SINCE = 'since';
const UNCOUNTED = 'uncounted';
const DELETING = 'deleting';
const LOCK = noteOf('lock', 0);
const HOUR_MS = 3_600_000;

/**
 * Reads which sums are complete, as the text that `textOfCoverage` makes. One row has the instant
 * since which records are counted, and one row each span of hours that are not, with its first
 * instant and its number of hours. Null: nothing is noted.
 */
export function* readCoverage(table: BucketTable): SqlScript<string | null> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [MARK],
  };
  const ofKind = (kind: string) =>
    rows
      .filter((row) => row['period'] === kind)
      .map((row) => ({ start: Number(row['date']), hours: Number(row['keys']) }));
  const [since] = ofKind(SINCE);
  const spansOf = (kind: string) =>
    mergeSpans(ofKind(kind).map(({ start, hours }) => ({ start, end: start + hours * HOUR_MS })));
  const [uncounted, deleting] = [spansOf(UNCOUNTED), spansOf(DELETING)];
  if (!since && uncounted.length === 0 && deleting.length === 0) return null;
  return textOfCoverage({ since: since?.start ?? null, uncounted, deleting });
}

/** Replaces the note if it is the expected one. */
export function* replaceCoverage(
  table: BucketTable,
  expected: string | null,
  text: string,
): SqlScript<boolean> {
  yield* lockBuckets(table, [LOCK]);
  if ((yield* readCoverage(table)) !== expected) return false;
  const { since, uncounted, deleting } = coverageOfText(text) as Coverage;
  const { dialect } = table;
  const kinds = [SINCE, UNCOUNTED, DELETING];
  const spanNotes = (kind: string, spans: readonly BucketSpan[]) =>
    spans.map(({ start, end }) => [noteOf(kind, start), (end - start) / HOUR_MS] as const);
  yield {
    sql:
      `delete from ${table.path} where ${table.column('dimension')} = ${dialect.placeholder(1)} ` +
      `and ${table.column('period')} in (${kinds.map((_, at) => dialect.placeholder(at + 2)).join(', ')})`,
    values: [MARK, ...kinds],
  };
  yield* addToBuckets(table, [
    ...(since === null ? [] : [[noteOf(SINCE, since), 0] as const]),
    ...spanNotes(UNCOUNTED, uncounted),
    ...spanNotes(DELETING, deleting),
  ]);
  return true;
}

/** Notes hours, by their first instant, into which a process stores that keeps no sums. */
export function* noteUncountedHours(table: BucketTable, hours: readonly number[]): SqlScript {
  const text = yield* readCoverage(table);
  const uncounted = (text === null ? null : coverageOfText(text))?.uncounted ?? [];
  const isNoted = (hour: number) => uncounted.some(({ start, end }) => start <= hour && hour < end);
  // Where a span begins at the hour, it is noted.
  const added = hours.filter((hour) => !isNoted(hour)).sort((a, b) => a - b);
  yield* addToBuckets(
    table,
    added.map((hour) => [noteOf(UNCOUNTED, hour), 1] as const),
  );
}

function noteOf(kind: string, date: number): BucketKey {
  return { dimension: MARK, period: kind as SummaryPeriod, date };
}
