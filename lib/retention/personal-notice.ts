import { isPersonal } from '../summary/index.js';
import type { RetentionOptions } from './retention-options.js';

/** A storage and the summaries that it keeps. */
export interface KeptSummaries {
  readonly storage: string;
  readonly dimensions: readonly string[];
}

/**
 * The line that says at the start that records expire, but not the sums whose keys name the same
 * persons. Null if there is nothing to say.
 */
export function personalNotice(
  { records, hour, day, month, personal }: RetentionOptions,
  kept: readonly KeptSummaries[],
): string | null {
  const expire = [hour, day, month].every((age) => age !== undefined);
  if (records === undefined || personal !== undefined || expire) return null;
  const named = kept.flatMap(({ storage, dimensions }) => {
    const personalOnes = dimensions.filter(isPersonal);
    return personalOnes.length > 0 ? [`${personalOnes.join(', ')} of storage '${storage}'`] : [];
  });
  if (named.length === 0) return null;
  return (
    `Records expire (retention.records), but the sums by ${named.join(' and by ')} keep what names ` +
    'persons for ever. Set retention.personal to count old keys under (other).'
  );
}
