import type { BucketSpan, Summarizer } from '../../../summary/index.js';
import { ForgottenRows } from '../../forget/forgotten-rows.js';
import { leavesRoom } from '../../forget/leaves-room.js';
import type { ParsedSubject } from '../../forget/usage-subject.js';
import { bucketRanges, type PrunedUntil } from '../../recount/bucket-ranges.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { readPruned } from '../summaries/pruned-marks.js';
import { recountMonth, replaceMonth } from '../summaries/recount-month.js';
import { foldRow, namedRows } from './folded-rows.js';

/**
 * Deletes the records of a subject, month by month, each in one transaction with the sums of the
 * month, which are made anew from the records that stay.
 *
 * @returns How many records there were.
 */
export async function forget(
  engine: SqlEngine,
  layout: SqlLayout,
  summarizer: Summarizer,
  maxKeys: number,
  subject: ParsedSubject,
): Promise<number> {
  const pruned = await engine.transaction(() => readPruned(layout.buckets));
  let count = 0;
  for (let from: number | null = null; ;) {
    const [row] = await engine.read(firstDate(layout, subject, from));
    if (!row) break;
    const month = summarizer.calendar.bucket('month', Number(row['date']));
    count += await engine.transaction(() =>
      forgetMonth(layout, summarizer, maxKeys, subject, month, pruned),
    );
    from = month.end;
  }
  const forgotten = new ForgottenRows(subject, summarizer, pruned);
  for (const name of await namedRows(engine, layout, forgotten))
    await engine.transaction(() => foldRow(layout, name));
  return count;
}

function* forgetMonth(
  layout: SqlLayout,
  summarizer: Summarizer,
  maxKeys: number,
  subject: ParsedSubject,
  month: BucketSpan,
  pruned: PrunedUntil,
): SqlScript<number> {
  const [start, end] = [new Date(month.start), new Date(month.end - 1)];
  const ranges = bucketRanges(summarizer.calendar, start, end, pruned);
  yield* layout.records.dialect.stopWriters(layout);
  const { changes } = yield deletion(layout, subject, month);
  for (let again = summarizer.dimensions.length > 0; again;) {
    const { stored, expected } = yield* recountMonth(layout, summarizer, maxKeys, month, ranges);
    yield* replaceMonth(layout, summarizer.dimensions, month, ranges, expected);
    again = leavesRoom(stored, expected);
  }
  return changes;
}

function firstDate(
  { records }: SqlLayout,
  { field, value }: ParsedSubject,
  from: number | null,
): SqlStatement {
  const { dialect } = records;
  const bindings = new SqlBindings(dialect);
  const date = `t.${records.column('date')}`;
  const terms = [`t.${records.column(field)} = ${bindings.add(value)}`];
  if (from !== null) terms.push(`${date} >= ${bindings.add(from)}`);
  return {
    sql:
      `select ${date} as ${dialect.quote('date')} from ${records.path} t ` +
      `where ${terms.join(' and ')} order by ${date} limit 1`,
    values: bindings.values,
  };
}

function deletion(
  { records }: SqlLayout,
  { field, value }: ParsedSubject,
  { start, end }: BucketSpan,
): SqlStatement {
  const bindings = new SqlBindings(records.dialect);
  return {
    sql:
      `delete from ${records.path} where ${records.column(field)} = ${bindings.add(value)} ` +
      `and ${records.column('date')} >= ${bindings.add(start)} ` +
      `and ${records.column('date')} < ${bindings.add(end)}`,
    values: bindings.values,
  };
}
