import { createDefaultStorage } from '../../module/open-storages.js';
import type { TrackUsageModuleOptions } from '../../module/track-usage.options.js';
import { summariesOf, type SummaryHook } from '../../summary/index.js';

/** The summaries among the hooks of an options file, if it names storages. */
export function ownSummaries(options: TrackUsageModuleOptions | null): readonly SummaryHook[] {
  const storages = options?.storages ?? [];
  return summariesOf(storages.flatMap((storage) => storage.options?.hooks ?? []));
}

/** The summaries of a storage that holds none yet: those of the application, or the default ones. */
export function firstSummaries(
  options: TrackUsageModuleOptions | null,
  own: readonly SummaryHook[],
): readonly SummaryHook[] {
  return options?.storages ? own : summariesOf(createDefaultStorage().options?.hooks ?? []);
}
