import { LAST_INSTANT, RECORD_COUNT, type BucketSpan } from '../../summary/index.js';
import { changeCoverage, minusSpans, readCoverage, unverifiedSpans } from './coverage-note.js';
import type { CoverageParts } from './coverage.js';
import { readPruned } from './named-values.js';
import { firstWhole } from './recompute/bucket-ranges.js';
import { hourOf, noteUncountedSpans, REMOVABLE_MS } from './uncounted-hours.js';
import { unkeptWithin, type UnkeptParts } from './unkept-sums.js';

/**
 * Rebuilds sums, and notes what is complete then: records are counted since the beginning of what
 * was rebuilt, if nothing is left out between it and what was counted before; and hours into which
 * a process without sums has stored are counted now, unless there are sums there that this process
 * does not keep.
 */
export async function rebuildCovered(
  parts: CoverageParts & UnkeptParts,
  start: Date | null,
  end: Date | null,
  rebuild: () => Promise<void>,
): Promise<void> {
  const { calendar, countsRecords } = parts.summarizer;
  if (!countsRecords) return rebuild();
  const left = await releasedRest(parts, start, end);
  if (left.length > 0) await noteUncountedSpans(parts.values, left);
  const noted = await readCoverage(parts.values);
  const before = noted ? unverifiedSpans(noted) : [];
  const began = Date.now();
  await rebuild();
  const { records } = await readPruned(parts.values);
  const from = Math.max(
    start ? calendar.start('hour', start.getTime()) : -LAST_INSTANT,
    firstWhole(calendar, 'hour', records) ?? -LAST_INSTANT,
  );
  const until = end ? calendar.bucket('hour', end.getTime()).end : Infinity;
  const rebuilt = { start: -hourOf(-from), end: hourOf(Math.min(until, began - REMOVABLE_MS)) };
  const outside = minusSpans(before, [rebuilt]);
  const counted = minusSpans(before, outside);
  const removed = minusSpans(counted, await unkeptWithin(parts, counted));
  await changeCoverage(parts.values, ({ since, uncounted, deleting }) => ({
    since: since === null || since > until ? since : Math.min(since, from),
    uncounted: minusSpans(uncounted, removed),
    deleting: minusSpans(deleting, removed),
  }));
}

/**
 * What a rebuild leaves as it is of months that version 0.1.0 has written into. Rows of such months
 * show it, but no longer once they are rebuilt, so the rest is noted before.
 */
async function releasedRest(
  { summarizer: { calendar, dimensions }, sums }: CoverageParts,
  start: Date | null,
  end: Date | null,
): Promise<BucketSpan[]> {
  const left: BucketSpan[] = [];
  if (start) {
    const instant = start.getTime();
    const from = calendar.start('month', instant);
    left.push({ start: from, end: calendar.start('hour', instant) });
  }
  if (end) {
    const instant = end.getTime();
    const until = calendar.bucket('month', instant).end;
    left.push({ start: calendar.bucket('hour', instant).end, end: until });
  }
  const found: BucketSpan[] = [];
  for (const span of left) {
    if (span.start >= span.end) continue;
    const month = calendar.start('month', span.start);
    const range = { first: month, last: month };
    for (const dimension of dimensions) {
      if (dimension === RECORD_COUNT) continue;
      const totals = await sums.totals({ dimension, period: 'month', range });
      if (!totals.some(({ hits, measured }) => hits !== measured)) continue;
      found.push(span);
      break;
    }
  }
  return found;
}
