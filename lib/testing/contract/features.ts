import type { UsageStorage } from '../../storages/contract/usage-storage.js';

/**
 * What a storage may do beside storing, and the methods that make it up.
 *
 * @publicApi
 */
export const STORAGE_FEATURES = {
  reading: ['getUsage', 'countUsage', 'streamUsage'],
  sums: ['getSum', 'rebuildSummaries', 'verifySummaries'],
  retention: ['prune'],
  forgetting: ['forget'],
  visitors: ['dailySalt', 'forgetDailySalts'],
} as const satisfies Record<string, readonly (keyof UsageStorage)[]>;

/**
 * The name of something that a storage may do beside storing.
 *
 * @publicApi
 */
export type StorageFeature = keyof typeof STORAGE_FEATURES;

/** The features that a storage under test lacks; default: none. */
interface Without {
  readonly without?: readonly StorageFeature[];
}

/** Whether the storage has all of these. */
export function has({ without = [] }: Without, ...features: StorageFeature[]): boolean {
  return !features.some((feature) => without.includes(feature));
}

/** What is missing of a feature that the storage should have, or there of one that it has not. */
export function misfits(storage: UsageStorage, subject: Without): string[] {
  const found: string[] = [];
  for (const [feature, methods] of Object.entries(STORAGE_FEATURES)) {
    const missing = methods.filter((method) => typeof storage[method] !== 'function');
    const asked = has(subject, feature as StorageFeature);
    if (asked && missing.length > 0)
      found.push(`${feature}: no ${missing.join(', ')}; offer all, or name it in 'without'`);
    if (!asked && missing.length === 0)
      found.push(`${feature}: all is offered, so take it out of 'without'`);
  }
  return found;
}
