import type { UnmeasuredBucket, SumsRangeQuery } from '../../base/base-storage.js';
import type { BucketName } from '../format/redis-keys.js';
import { HITS_DIGESTS } from '../format/merged-sum-scripts.js';
import type { MergedRows } from './merged-rows.js';
import { parts, type SumRows } from './sum-rows.js';

/** Buckets whose digests one call makes. Each may have 10,000 keys. */
const DIGESTS_AT_ONCE = 1;
/** Calls in flight at once. */
const CALLS_AT_ONCE = 10;
const MOST_KNOWN = 10_000;

/** The digests of buckets when all of their rows were measured. */
export class KnownDigests {
  private readonly digests = new Map<string, string>();

  has(name: BucketName, digest: string): boolean {
    return this.digests.get(textOf(name)) === digest;
  }

  note(name: BucketName, digest: string): void {
    if (this.digests.size >= MOST_KNOWN) this.digests.clear();
    this.digests.set(textOf(name), digest);
  }
}

/**
 * Finds the buckets into which version 0.1.0 has counted. The rows of a bucket are read once, and
 * again only if the hits of any of its keys have changed: whatever counts a request adds to them.
 */
export class MeasuredBuckets {
  constructor(
    private readonly rows: SumRows,
    private readonly merged: MergedRows,
    private readonly known: KnownDigests,
  ) {}

  async unmeasured({ dimensions, period, range }: SumsRangeQuery): Promise<UnmeasuredBucket[]> {
    const { rows, known } = this;
    const lists = await Promise.all(
      dimensions.map((dimension) => rows.buckets(dimension, period, range)),
    );
    const names = lists.flat();
    // Read before the rows: what is added to these meanwhile makes another digest.
    const digests = await this.digests(names);
    const changed = names
      .map((name, at) => ({ name, digest: digests[at]! }))
      .filter(({ name, digest }) => !known.has(name, digest));
    const found: UnmeasuredBucket[] = [];
    for (const dimension of dimensions) {
      const some = changed.filter(({ name }) => name.dimension === dimension);
      const totals = await this.merged.totals(some.map(({ name }) => name));
      const more = new Map(totals.map((each) => [each.bucket, each.hits - each.measured]));
      for (const { name, digest } of some)
        if ((more.get(name.bucket) ?? 0) === 0) known.note(name, digest);
        else found.push({ dimension, bucket: name.bucket, more: more.get(name.bucket)! });
    }
    return found;
  }

  private async digests(names: readonly BucketName[]): Promise<string[]> {
    const digests: string[] = [];
    for (const some of parts([...parts(names, DIGESTS_AT_ONCE)], CALLS_AT_ONCE)) {
      const replies = await Promise.all(some.map((each) => this.rows.askEach(HITS_DIGESTS, each)));
      for (const digest of replies.flat()) digests.push(String(digest));
    }
    return digests;
  }
}

function textOf({ dimension, period, bucket }: BucketName): string {
  return `${period}:${bucket}:${dimension}`;
}
