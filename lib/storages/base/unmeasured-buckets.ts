import { CombinedSummary, type BucketRange, type SummaryPeriod } from '../../summary/index.js';
import { readCoverage, type Coverage } from './coverage-note.js';
import { readPruned } from './named-values.js';
import type { PrunedUntil } from './recompute/bucket-ranges.js';
import type { BaseStorageParts, UnmeasuredBucket } from './storage-parts.js';

type Bounds = { readonly [Name in keyof BucketRange]: number };

/**
 * Reads in which buckets version 0.1.0 has counted. Months are read once: all that one report asks
 * is answered as of its beginning.
 */
export class UnmeasuredBuckets {
  private readonly months: UnmeasuredBucket[] = [];
  private read: Bounds | null = null;
  private reading: Promise<unknown> = Promise.resolve();
  private coverage: Promise<Coverage | null> | null = null;
  private pruned: Promise<PrunedUntil> | null = null;

  constructor(private readonly parts: Pick<BaseStorageParts, 'sums' | 'summarizer' | 'values'>) {}

  /** What is noted about the completeness of sums, as of the first question. */
  noted(): Promise<Coverage | null> {
    return (this.coverage ??= readCoverage(this.parts.values));
  }

  /** Months from before this instant are pruned. As of after `ofMonths`: a prune notes it first. */
  async prunedMonths(): Promise<number | undefined> {
    return (await (this.pruned ??= readPruned(this.parts.values))).month;
  }

  /** Those of all summaries that version 0.1.0 may keep, in a range of months. */
  async ofMonths(range: Bounds): Promise<UnmeasuredBucket[]> {
    // One after the other: the second of two questions often is one of known months.
    const found = this.reading.then(() => this.readMonths(range));
    this.reading = found.catch(() => {});
    return found;
  }

  private async readMonths({ first, last }: Bounds): Promise<UnmeasuredBucket[]> {
    const { read } = this;
    if (read === null) await this.addMonths({ first, last });
    if (read && first < read.first) await this.addMonths({ first, last: read.first - 1 });
    if (read && last > read.last) await this.addMonths({ first: read.last + 1, last });
    this.read = {
      first: Math.min(first, read?.first ?? first),
      last: Math.max(last, read?.last ?? last),
    };
    return this.months.filter(({ bucket }) => bucket >= first && bucket <= last);
  }

  /** The same in a range of buckets of one period. */
  async in(period: SummaryPeriod, range: Bounds): Promise<UnmeasuredBucket[]> {
    return period === 'month' ? this.ofMonths(range) : this.find(period, range);
  }

  private async addMonths(range: Bounds): Promise<void> {
    for (const each of await this.find('month', range)) this.months.push(each);
    this.pruned = null;
  }

  private async find(period: SummaryPeriod, range: Bounds): Promise<UnmeasuredBucket[]> {
    const { sums, summarizer } = this.parts;
    // Version 0.1.0 keeps no combined summaries, and theirs are among the largest.
    const dimensions = summarizer.hooks
      .filter((hook) => !(hook instanceof CombinedSummary))
      .map(({ dimension }) => dimension);
    if (sums.unmeasured) return sums.unmeasured({ dimensions, period, range });
    const found: UnmeasuredBucket[] = [];
    for (const dimension of dimensions)
      for (const { bucket, hits, measured } of await sums.totals({ dimension, period, range }))
        if (hits !== measured) found.push({ dimension, bucket, more: hits - measured });
    return found;
  }
}
