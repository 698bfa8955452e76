import type { SummaryHook } from './summary-hook.js';

/**
 * The dimension of a hidden summary with one key, which counts all records. It is kept beside the
 * others: a summary is complete in the buckets in which it counts as many requests as this one. No
 * hook can have its name.
 */
export const RECORD_COUNT = '_records';

/** A dimension to keep, and the function that returns a record's key. */
export type KeptSummary = Pick<SummaryHook, 'dimension' | 'key'>;

const COUNT: KeptSummary = { dimension: RECORD_COUNT, key: () => null };

/** The summaries to keep, and the count of all records beside them if there are any. */
export function withRecordCount(summaries: readonly KeptSummary[]): readonly KeptSummary[] {
  return summaries.length > 0 ? [COUNT, ...summaries] : [];
}
