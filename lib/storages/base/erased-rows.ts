import {
  keyOf,
  RECORD_COUNT,
  keyText,
  sumBasic,
  sumBlueprints,
  sumClients,
  sumGeo,
  sumReleases,
  sumRoutes,
  sumStatuses,
  sumVisitors,
  valuesOfCombinedKey,
  type Summarizer,
  type SummaryPeriod,
} from '../../summary/index.js';
import {
  bucketRanges,
  within,
  type BucketRanges,
  type PrunedUntil,
} from './recompute/bucket-ranges.js';
import type { ParsedSubject } from './parse-subject.js';

// `consumer` is not among them: a consumer may be a user, a visitor or an address.
const STANDARD = new Set(
  [
    { dimension: RECORD_COUNT },
    ...sumBasic,
    sumBlueprints,
    sumClients,
    sumGeo,
    sumReleases,
    sumRoutes,
    sumStatuses,
    sumVisitors,
  ].map(({ dimension }) => dimension),
);

const OWN_DIMENSION = {
  visitorId: 'visitor',
  username: null,
  remoteAddr: 'remote',
  consumer: 'consumer',
} as const;

/**
 * The sum rows that an erased subject may be named in. A row is recomputed if all of its records
 * are stored. It is folded into `(other)`, which keeps the totals, if some of its records have been
 * pruned or the storage no longer keeps the summary.
 */
export class ErasedRows {
  /** The subject's key in summaries. */
  readonly key: string;
  /** The subject's part of the keys of `sumBy`, which have it as JSON. */
  readonly part: string;
  private readonly whole: BucketRanges;

  constructor(
    private readonly subject: ParsedSubject,
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    pruned: PrunedUntil,
  ) {
    this.key = keyOf(subject.value)!;
    this.part = keyText(subject.value);
    this.whole = bucketRanges(summarizer.calendar, null, null, pruned);
  }

  /** Whether keys of a dimension may name the subject. Keys of custom summaries always may. */
  isNamedIn(dimension: string): boolean {
    if (dimension === OWN_DIMENSION[this.subject.field]) return true;
    return !STANDARD.has(dimension);
  }

  /** Whether a key of the dimension names the subject: it is the subject's, or has it as a part. */
  isNamedBy(key: string): boolean {
    return key === this.key || (valuesOfCombinedKey(key)?.includes(this.part) ?? false);
  }

  /** Whether a row with the subject's key is folded into `(other)`, not recomputed. */
  isFolded(dimension: string, period: SummaryPeriod, bucket: number): boolean {
    return !this.summarizer.dimensions.includes(dimension) || !within(bucket, this.whole[period]);
  }
}
