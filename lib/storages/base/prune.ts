import { RECORD_COUNT, SUMMARY_PERIODS } from '../../summary/index.js';
import type { PruneCounts } from '../contract/maintenance.js';
import { notePruned } from './named-values.js';
import type { parsePruneBounds } from './parse-prune-bounds.js';
import type { BaseStorageParts } from './storage-parts.js';

/** Deletes old data, and counts what was deleted, without the hidden count of all records. */
export async function prune(
  { pruner, sums, values, summarizer }: BaseStorageParts,
  bounds: ReturnType<typeof parsePruneBounds>,
): Promise<PruneCounts> {
  const counts: PruneCounts = { records: 0, hour: 0, day: 0, month: 0 };
  // Raise each watermark first: pruned data must never be mistaken for data that never existed.
  if (bounds.records !== null) {
    await notePruned(values, 'records', bounds.records);
    counts.records = await pruner.pruneRecords(bounds.records);
  }
  for (const period of SUMMARY_PERIODS) {
    const instant = bounds[period];
    if (instant === null) continue;
    await notePruned(values, period, instant);
    const first = summarizer.calendar.start(period, instant);
    const range = { first: null, last: first - 1 };
    const hidden = await sums.totals({ dimension: RECORD_COUNT, period, range });
    counts[period] = Math.max((await pruner.pruneSums(period, first)) - hidden.length, 0);
  }
  return counts;
}
