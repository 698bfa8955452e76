import {
  keyOf,
  sumBasic,
  sumGeo,
  sumRoutes,
  sumStatuses,
  sumVisitors,
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

const STANDARD = new Set(
  [...sumBasic, sumGeo, sumRoutes, sumStatuses, sumVisitors].map(({ dimension }) => dimension),
);

const OWN_DIMENSION = { visitorId: 'visitor', username: null, remoteAddr: 'remote' } as const;

/**
 * Which rows of sums tell of a subject that is forgotten, and what becomes of them: where the
 * records behind a row are all there, it is counted anew; where some have been pruned, or the
 * storage does not keep the summary any more, it goes into `(other)`, and the totals stay.
 */
export class ErasedRows {
  /** The key that the subject has in summaries. */
  readonly key: string;
  private readonly whole: BucketRanges;

  constructor(
    private readonly subject: ParsedSubject,
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    pruned: PrunedUntil,
  ) {
    this.key = keyOf(subject.value)!;
    this.whole = bucketRanges(summarizer.calendar, null, null, pruned);
  }

  /** Whether the keys of a dimension may be the subject's; those of an application's own may. */
  isNamedIn(dimension: string): boolean {
    if (dimension === OWN_DIMENSION[this.subject.field]) return true;
    return !STANDARD.has(dimension);
  }

  /** Whether a row of the subject's key is to go into `(other)`. */
  isFolded(dimension: string, period: SummaryPeriod, bucket: number): boolean {
    return !this.summarizer.dimensions.includes(dimension) || !within(bucket, this.whole[period]);
  }
}
