import type { BucketTotal, SumsRangeQuery, UnmeasuredBucket } from '../../base/base-storage.js';
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

/** What is known of a bucket without its rows. */
interface Digest {
  readonly name: BucketName;
  readonly digest: string;
  readonly hits: number;
}

/**
 * Tells buckets into which version 0.1.0 has counted from others. The rows of a bucket are read
 * once, and again only if the hits of any of its keys have changed: whatever counts a request adds
 * to them.
 */
export class MeasuredBuckets {
  constructor(
    private readonly rows: SumRows,
    private readonly merged: MergedRows,
    private readonly known: KnownDigests,
  ) {}

  /** What the rows of each bucket count together. */
  async totals(names: readonly BucketName[]): Promise<BucketTotal[]> {
    const { known, changed } = await this.digests(names);
    const totals = known.map(({ name, hits }) => ({ bucket: name.bucket, hits, measured: hits }));
    return totals.concat(await this.read(changed));
  }

  async unmeasured({ dimensions, period, range }: SumsRangeQuery): Promise<UnmeasuredBucket[]> {
    const lists = await Promise.all(
      dimensions.map((dimension) => this.rows.buckets(dimension, period, range)),
    );
    const { changed } = await this.digests(lists.flat());
    const found: UnmeasuredBucket[] = [];
    for (const dimension of dimensions) {
      const some = changed.filter(({ name }) => name.dimension === dimension);
      for (const { bucket, hits, measured } of await this.read(some))
        if (hits !== measured) found.push({ dimension, bucket, more: hits - measured });
    }
    return found;
  }

  /** Reads the rows of buckets of one dimension and period. */
  private async read(some: readonly Digest[]): Promise<BucketTotal[]> {
    const totals = await this.merged.totals(some.map(({ name }) => name));
    const isMeasured = new Map(
      totals.map(({ bucket, hits, measured }) => [bucket, hits === measured]),
    );
    for (const { name, digest } of some)
      if (isMeasured.get(name.bucket)) this.known.note(name, digest);
    return totals;
  }

  /** Those of which all rows are known to be measured, and the others. */
  private async digests(
    names: readonly BucketName[],
  ): Promise<{ readonly known: Digest[]; readonly changed: Digest[] }> {
    const [known, changed]: [Digest[], Digest[]] = [[], []];
    // Read before the rows: what is added to these meanwhile makes another digest.
    for (const some of parts([...parts(names, DIGESTS_AT_ONCE)], CALLS_AT_ONCE)) {
      const replies = await Promise.all(some.map((each) => this.rows.askEach(HITS_DIGESTS, each)));
      for (const [index, reply] of replies.flat().entries()) {
        const name = some.flat()[index]!;
        const [digest, hits] = String(reply).split(' ') as [string, string];
        const list = this.known.has(name, digest) ? known : changed;
        list.push({ name, digest, hits: Number(hits) });
      }
    }
    return { known, changed };
  }
}

function textOf({ dimension, period, bucket }: BucketName): string {
  return `${period}:${bucket}:${dimension}`;
}
