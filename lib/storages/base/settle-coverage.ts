import { LAST_INSTANT, RECORD_COUNT, SUMMARY_PERIODS } from '../../summary/index.js';
import { changeCoverage, readCoverage } from './coverage-note.js';
import { readPruned, type NamedValues } from './named-values.js';
import { parseUsageQuery } from './parse-usage-query.js';
import type { BaseStorageParts } from './storage-parts.js';
import { hourOf } from './uncounted-hours.js';

const HOUR_MS = 3_600_000;

/**
 * Notes since when all records are counted, when a storage that keeps sums is opened for the first
 * time: always if it is empty, else from the next full hour on. Call it before records are stored.
 */
export async function settleCoverage(
  values: NamedValues,
  isEmpty: () => Promise<boolean>,
): Promise<void> {
  const noted = await readCoverage(values);
  if (!noted || noted.since !== null) return;
  const isNew = Object.keys(await readPruned(values)).length === 0 && (await isEmpty());
  const first = isNew ? -LAST_INSTANT : hourOf(Date.now()) + HOUR_MS;
  await changeCoverage(values, (known) =>
    known.since === null ? { ...known, since: first } : null,
  );
}

/**
 * Takes back that records are counted if the sums were lost alone: from the next full hour on, they
 * are counted again. A rebuild makes up for it.
 */
export async function settleLostSums({
  eraser,
  reader,
  summarizer: { calendar },
  sums,
  values,
}: Omit<BaseStorageParts, 'writer' | 'close'>): Promise<void> {
  const noted = await readCoverage(values);
  if (!eraser.dimensions || !noted || noted.since === null) return;
  const [newest] = await reader.page(parseUsageQuery({ limit: 1 }));
  if (!newest) return;
  // The coarsest first: months are the fewest, and tell nearly always.
  for (const period of SUMMARY_PERIODS.toReversed()) {
    const range = { first: null, last: null };
    const totals = await sums.totals({ dimension: RECORD_COUNT, period, range });
    if (totals.length > 0) return;
  }
  const date = newest.date.getTime();
  const pruned = await readPruned(values);
  if (
    SUMMARY_PERIODS.every((period) => calendar.bucket(period, date).end <= (pruned[period] ?? date))
  )
    return;
  const next = hourOf(Math.max(date, Date.now())) + HOUR_MS;
  await changeCoverage(values, (known) =>
    known.since === null || known.since >= next ? null : { ...known, since: next },
  );
}

/** Whether a storage has no records. */
export async function hasNoRecords({ reader }: Pick<BaseStorageParts, 'reader'>): Promise<boolean> {
  return (await reader.page(parseUsageQuery({ limit: 1 }))).length === 0;
}
