import { checkFormat, FORMAT_NOTES } from '../../base/format.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { raiseNumber, readNumbers } from '../summaries/bucket-notes.js';

/** @throws {NewerFormatError} if only the code of newer formats may write the tables. */
export function* refuseNewer(layout: SqlLayout): SqlScript {
  const noted = yield* readFormat(layout);
  const { records, summaries } = layout;
  checkFormat(
    noted.get('oldest') ?? 0,
    `SqlStorage: what is in the tables ${records.path} and ${summaries.path}`,
  );
}

/**
 * Notes this version's format, and the oldest format whose code may still write the tables. Higher
 * numbers of a later version stay.
 */
export async function noteFormat(engine: SqlEngine, layout: SqlLayout): Promise<void> {
  const noted = await engine.transaction(() => readFormat(layout));
  const raised = FORMAT_NOTES.filter(([name, number]) => (noted.get(name) ?? 0) < number);
  if (raised.length === 0) return;
  await engine.transaction(function* () {
    for (const [name, number] of raised) yield* raiseNumber(layout.buckets, 'format', name, number);
  });
}

/** The noted numbers; none where the table is missing, or only version 0.1.0 has written. */
function* readFormat({ buckets }: SqlLayout): SqlScript<ReadonlyMap<string, number>> {
  const { rows } = yield buckets.dialect.columnsOf(buckets);
  return rows.length === 0 ? new Map() : yield* readNumbers(buckets, 'format');
}
