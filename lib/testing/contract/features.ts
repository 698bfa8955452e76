import type { UsageStorage } from '../../storages/contract/usage-storage.js';

/**
 * The optional features of a storage, and the methods of each.
 *
 * @publicApi
 */
export const STORAGE_FEATURES = {
  /** Records can be asked for. */
  reading: ['getUsage', 'countUsage', 'streamUsage'],
  /** Sums are kept, checked, and made anew. */
  sums: ['getSum', 'rebuildSummaries', 'verifySummaries'],
  /** Old records and sums can be deleted. */
  retention: ['prune'],
  /** One person can be erased. */
  forgetting: ['forget'],
  /** Daily visitors have a salt that all processes share. */
  visitors: ['dailySalt', 'forgetDailySalts'],
  /** Small values are kept, such as the list of routes. */
  notes: ['readNotes', 'changeNote'],
} as const satisfies Record<string, readonly (keyof UsageStorage)[]>;

/**
 * The name of an optional feature of a storage.
 *
 * @publicApi
 */
export type StorageFeature = keyof typeof STORAGE_FEATURES;

/** The features that a storage under test does not support; default: none. */
interface Without {
  readonly without?: readonly StorageFeature[];
}

/** Whether the storage supports all of these features. */
export function has({ without = [] }: Without, ...features: StorageFeature[]): boolean {
  return !features.some((feature) => without.includes(feature));
}

/** Features that the storage should support but lacks in part, or offers despite `without`. */
export function findMismatches(storage: UsageStorage, subject: Without): string[] {
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
