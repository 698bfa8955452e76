import type { InspectedSums, StorageInspection } from '../../storages/base/inspection.js';
import {
  isCombined,
  sumBasic,
  sumBlueprints,
  sumBy,
  sumClients,
  sumConsumers,
  sumGeo,
  sumReleases,
  sumRoutes,
  sumStatuses,
  sumVisitors,
  UnknownSummary,
  type SummaryHook,
} from '../../summary/index.js';

const STANDARD: ReadonlyMap<string, SummaryHook> = new Map(
  [
    ...sumBasic,
    sumBlueprints,
    sumClients,
    sumConsumers,
    sumGeo,
    sumReleases,
    sumRoutes,
    sumStatuses,
    sumVisitors,
  ].map((hook) => [hook.dimension, hook]),
);

/** The summaries that a storage holds. */
export interface StoredSummaries {
  /** Those that are known, and those whose key functions are not. */
  readonly all: readonly SummaryHook[];
  /** Those that the application keeps, as far as they are known. */
  readonly kept: readonly SummaryHook[];
  /** Names of those whose key functions are not known. */
  readonly unknown: readonly string[];
  /** Names of those that nothing has been counted in lately: the application keeps them no longer. */
  readonly ended: readonly string[];
}

/**
 * The summaries among the rows of a storage. The standard ones are known by their names, those of
 * `sumBy` by the dimensions in theirs.
 *
 * @param own The application's own summaries, which come before the standard ones.
 */
export function storedSummaries(
  { sums, count }: Pick<StorageInspection, 'sums' | 'count'>,
  own: readonly SummaryHook[],
): StoredSummaries {
  const kept = new Map(own.map((hook) => [hook.dimension, hook]));
  const stored = sums.map(({ dimension }) => kept.get(dimension) ?? summaryOf(dimension));
  const all = [...stored, ...own.filter((hook) => !stored.includes(hook))];
  // Every record counts in every summary that is kept, so each of them has the newest buckets.
  const newest = newestOf(count ? [count] : sums);
  const ended = sums
    .filter((each) => !kept.has(each.dimension) && newestOf([each]) < newest)
    .map(nameOf);
  const unknown = all.filter((hook) => hook instanceof UnknownSummary);
  return {
    all,
    kept: all.filter((hook) => !unknown.includes(hook) && !ended.includes(hook.dimension)),
    unknown: unknown.map(nameOf),
    ended,
  };
}

function summaryOf(dimension: string): SummaryHook {
  const known = STANDARD.get(dimension) ?? (isCombined(dimension) ? combined(dimension) : null);
  return known ?? new UnknownSummary(dimension);
}

function combined(dimension: string): SummaryHook | null {
  try {
    const hook = sumBy(...dimension.split(':'));
    return hook.dimension === dimension ? hook : null;
  } catch {
    return null;
  }
}

function newestOf(sums: readonly InspectedSums[]): number {
  return Math.max(...sums.map(({ newest: { month, day, hour } }) => Math.max(month, day, hour)));
}

function nameOf({ dimension }: { readonly dimension: string }): string {
  return dimension;
}
