import { LAST_INSTANT } from '../../summary/index.js';
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
  await changeCoverage(values, ({ since, uncounted }) =>
    since === null ? { since: first, uncounted } : null,
  );
}

/** Whether a storage has no records. */
export async function hasNoRecords({ reader }: Pick<BaseStorageParts, 'reader'>): Promise<boolean> {
  return (await reader.page(parseUsageQuery({ limit: 1 }))).length === 0;
}
