import { mergeIncrements, type SummaryIncrement } from './summary-increment.js';
import { NO_KEY, OTHER_KEY, type SummaryPeriod } from './usage-sum.js';

/** Dimensions whose keys name or describe a person. */
const PERSONAL = new Set(['remote', 'username', 'visitor', 'consumer', 'url']);
/** Between the dimensions of a summary by several. */
const SEPARATOR = ':';

/** The buckets of each period that begin before these instants, in milliseconds since the epoch. */
export type BucketsBefore = Readonly<Record<SummaryPeriod, number>>;

/** Whether the keys of a dimension name persons, alone or beside others: `consumer:route`. */
export function isPersonal(dimension: string): boolean {
  return dimension.split(SEPARATOR).some((part) => PERSONAL.has(part));
}

/** Whether a key is one of a person, and not the missing or the folded key. */
export function isNamedKey(key: string): boolean {
  return key !== NO_KEY && key !== OTHER_KEY;
}

/**
 * Counts the keys of persons under `(other)` in old buckets.
 *
 * @param increments In lock order.
 * @returns The increments in lock order; the input array itself if nothing is folded.
 */
export function foldPersonalKeys(
  increments: SummaryIncrement[],
  before: BucketsBefore,
): SummaryIncrement[] {
  let isFolded = false;
  const folded = increments.map((increment) => {
    const { dimension, period, bucket, key } = increment;
    if (bucket >= before[period] || !isNamedKey(key) || !isPersonal(dimension)) return increment;
    isFolded = true;
    return { ...increment, key: OTHER_KEY, unhandled: undefined };
  });
  return isFolded ? mergeIncrements(folded) : increments;
}
