import { setImmediate as turn } from 'node:timers/promises';
import { SUMMARY_PERIODS, type BucketCalendar } from '../../summary/index.js';
import type { ParsedPruneBounds } from '../base/parse-prune-bounds.js';
import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { PruneCounts } from '../contract/prune.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlLayout } from './layout/sql-layout.js';
import type { RecordPartitions } from './partitions/record-partitions.js';
import { RecordQueries } from './records/record-queries.js';
import { pruneSums } from './summaries/prune-sums.js';
import { notePruned } from './named-values.js';

const ROWS_AT_ONCE = 500;

/** Deletes what has had its time, the oldest first, in steps that hold nobody up for long. */
export async function prune(
  engine: SqlEngine,
  layout: SqlLayout,
  partitions: RecordPartitions | null,
  calendar: BucketCalendar,
  bounds: ParsedPruneBounds,
): Promise<PruneCounts> {
  const counts: PruneCounts = { records: 0, hour: 0, day: 0, month: 0 };
  const note = (kind: keyof PrunedUntil, before: number) =>
    engine.transaction(() => notePruned(layout.buckets, kind, before));
  if (bounds.records !== null) {
    await note('records', bounds.records);
    counts.records = (await partitions?.dropBefore(bounds.records)) ?? 0;
    counts.records += await pruneRecords(engine, layout, bounds.records);
  }
  for (const period of SUMMARY_PERIODS) {
    const before = bounds[period];
    if (before === null) continue;
    await note(period, before);
    counts[period] = await pruneSums(engine, layout, period, calendar.start(period, before));
  }
  return counts;
}

async function pruneRecords(
  engine: SqlEngine,
  { records }: SqlLayout,
  before: number,
): Promise<number> {
  const queries = new RecordQueries(records);
  for (let count = 0; ; await turn()) {
    const rows = await engine.read(queries.oldestIds(before, ROWS_AT_ONCE));
    if (rows.length === 0) return count;
    const ids = rows.map((row) => row['id'] as string);
    count += await engine.transaction(function* () {
      return (yield queries.delete(ids)).changes;
    });
  }
}
