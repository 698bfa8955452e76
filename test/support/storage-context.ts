import { SummaryHook, type UsageHook, type UsageStorageContext } from 'nestjs-track-usage';

/** A logger for what a spec does not look at. */
export const SILENT_LOGGER = { log() {}, warn() {}, error() {} };

/**
 * What the module gives a storage with these hooks when it opens it.
 *
 * @param changes What a spec wants otherwise. Default: no log, buckets in UTC, 10,000 keys.
 */
export function contextOf(
  hooks: readonly UsageHook[],
  changes: Partial<UsageStorageContext> = {},
): UsageStorageContext {
  const all = (hooks as readonly unknown[]).flat(Infinity);
  const summaries = new Set(all.filter((hook) => hook instanceof SummaryHook));
  return {
    logger: SILENT_LOGGER,
    summaries: [...summaries],
    timeZone: 'UTC',
    maxKeys: 10_000,
    ...changes,
  };
}
