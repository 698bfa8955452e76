import { RECORD_COUNT, SUMMARY_PERIODS, type SummaryPeriod } from '../../summary/index.js';
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

/** Counts what `prune` would delete, without the hidden count of all records. */
export async function countPruned(
  parts: BaseStorageParts,
  bounds: ReturnType<typeof parsePruneBounds>,
): Promise<PruneCounts> {
  const counts: PruneCounts = { records: 0, hour: 0, day: 0, month: 0 };
  if (bounds.records !== null)
    counts.records = await parts.reader.count({
      start: null,
      end: new Date(bounds.records - 1),
      where: [],
    });
  for (const period of SUMMARY_PERIODS) {
    const instant = bounds[period];
    if (instant === null) continue;
    const last = parts.summarizer.calendar.start(period, instant) - 1;
    for (const count of (await countSumRows(parts, [period], last)).values())
      counts[period] += count;
  }
  return counts;
}

/**
 * Counts the rows of sums by dimension, without the hidden count of all records.
 *
 * @param last Any instant of the last bucket. Null: all buckets.
 */
export async function countSumRows(
  { eraser, sums }: Pick<BaseStorageParts, 'eraser' | 'sums'>,
  periods: readonly SummaryPeriod[] = SUMMARY_PERIODS,
  last: number | null = null,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const ranges = [{ first: null, last }];
  for (const dimension of (await (eraser.dimensions?.() ?? sums.storedDimensions?.())) ?? []) {
    if (dimension === RECORD_COUNT) continue;
    let count = 0;
    for (const period of periods)
      for await (const rows of sums.scan({ dimension, period, ranges, withLatency: false }))
        count += rows.length;
    if (count > 0) counts.set(dimension, count);
  }
  return counts;
}
