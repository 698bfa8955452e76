import { setImmediate as turn } from 'node:timers/promises';
import { compareKeys, type UsageSum } from '../../../summary/index.js';
import type {
  BucketTotal,
  ScannedSums,
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
  UnmeasuredBucket,
  SumsRangeQuery,
} from '../../base/base-storage.js';
import type { RedisReply } from '../connection/redis-connection.js';
import type { BucketName } from '../format/redis-keys.js';
import { BUCKET_SIZES, MEASURES_OF_ROWS, ROWS, TOP_KEYS } from '../format/sum-lookup-scripts.js';
import { KnownDigests, MeasuredBuckets } from './measured-buckets.js';
import { MergedRows } from './merged-rows.js';
import { scannedSumOf, usageSumOf } from './sum-mapper.js';
import { parts, type NamedRow, type SumRows } from './sum-rows.js';

/** The most buckets that one call of a script reads. */
const BUCKETS_AT_ONCE = 200;
const TOPS_AT_ONCE = 20;
const ROWS_IN_PART = 1000;

type Page = Pick<SumPageQuery, 'limit' | 'offset'>;

/**
 * Reads pages of sums. Holds at most a page, the keys of the buckets it reads and, if ordered by
 * hits, the names of the rows up to the page's end.
 */
export class SumReader {
  readonly readsLatencyLate = 'always';
  private readonly merged: MergedRows;
  private readonly measured: MeasuredBuckets;

  constructor(
    private readonly rows: SumRows,
    private readonly known: KnownDigests = new KnownDigests(),
  ) {
    this.merged = new MergedRows(rows);
    this.measured = new MeasuredBuckets(rows, this.merged, known);
  }

  async page(query: SumPageQuery): Promise<UsageSum[]> {
    return this.until(query).read(query);
  }

  async totals({ dimension, period, range, ...end }: SumRangeQuery): Promise<BucketTotal[]> {
    const { rows, measured } = this.until(end);
    return measured.totals(await rows.buckets(dimension, period, range));
  }

  unmeasured(query: SumsRangeQuery): Promise<UnmeasuredBucket[]> {
    return this.until(query).measured.unmeasured(query);
  }

  async *scan(query: SumScanQuery): ScannedSums {
    const { dimension, period, ranges, withLatency, mergesBuckets, keys = null } = query;
    const reader = this.until(query);
    const found = await Promise.all(
      ranges.map((range) => reader.rows.buckets(dimension, period, range)),
    );
    const buckets = found.flat();
    if (mergesBuckets) yield* reader.merged.scan(buckets, query);
    else yield* reader.apart(buckets, withLatency, keys);
  }

  private async *apart(
    buckets: readonly BucketName[],
    withLatency: boolean,
    only: readonly string[] | null,
  ): ScannedSums {
    for await (const named of only ? namesOfKeys(buckets, only) : this.namesOf(buckets)) {
      yield await this.rows.read(named, scannedSumOf, withLatency ? ROWS : MEASURES_OF_ROWS);
      await turn();
    }
  }

  /** Reads until a signal. */
  private until(end: Pick<SumPageQuery, 'signal'>): SumReader {
    return end.signal ? new SumReader(this.rows.until(end), this.known) : this;
  }

  private async read(query: SumPageQuery): Promise<UsageSum[]> {
    const buckets = await this.rows.buckets(query.dimension, query.period, query.range);
    return this.rows.read(await this.named(buckets, query), usageSumOf);
  }

  /** Yields the names of all rows of some buckets, in parts. */
  private async *namesOf(
    buckets: readonly BucketName[],
  ): AsyncGenerator<readonly Pick<NamedRow, 'name' | 'key'>[], void, undefined> {
    for (const some of parts(buckets, TOPS_AT_ONCE)) {
      const keys = await this.rows.keysOf(some);
      const named = some.flatMap((name, at) => keys[at]!.map((key) => ({ name, key })));
      yield* parts(named, ROWS_IN_PART);
    }
  }

  private named(buckets: readonly BucketName[], query: SumPageQuery): Promise<NamedRow[]> {
    if (query.key !== null) return this.ofKey(buckets, query.key, query);
    return query.order === 'hits' ? this.top(buckets, query) : this.newest(buckets, query);
  }

  private async newest(
    buckets: readonly BucketName[],
    { limit, offset }: Page,
  ): Promise<NamedRow[]> {
    const rows: NamedRow[] = [];
    let skip = offset;
    for (const part of parts(buckets, BUCKETS_AT_ONCE)) {
      const sizes = (await this.rows.askEach(BUCKET_SIZES, part)).map(Number);
      const needed: BucketName[] = [];
      let found = rows.length - skip;
      for (const [index, name] of part.entries()) {
        if (needed.length === 0 && sizes[index]! <= skip) {
          skip -= sizes[index]!;
          found = rows.length - skip;
          continue;
        }
        if (found >= limit) break;
        needed.push(name);
        found += sizes[index]!;
      }
      for (const [index, keys] of (await this.rows.keysOf(needed)).entries()) {
        for (const key of keys.slice(skip, skip + limit - rows.length))
          rows.push({ name: needed[index]!, key, hits: 0 });
        skip = Math.max(skip - keys.length, 0);
      }
      if (rows.length >= limit) return rows;
    }
    return rows;
  }

  private async top(buckets: readonly BucketName[], { limit, offset }: Page): Promise<NamedRow[]> {
    const wanted = offset + limit;
    let best: NamedRow[] = [];
    // Newest buckets first: an older row with equally many hits sorts after the known ones.
    for (const part of parts(buckets, TOPS_AT_ONCE)) {
      const least = best.length >= wanted ? best[wanted - 1]!.hits : 0;
      const args = [String(Math.min(wanted, Number.MAX_SAFE_INTEGER)), String(least)];
      const lists = (await this.rows.askEach(TOP_KEYS, part, args)) as readonly RedisReply[][];
      for (const [index, list] of lists.entries())
        for (let at = 0; at < list.length; at += 2)
          best.push({ name: part[index]!, key: String(list[at]), hits: -Number(list[at + 1]) });
      best = best.sort(compareHits).slice(0, wanted);
    }
    return best.slice(offset);
  }

  private async ofKey(
    buckets: readonly BucketName[],
    key: string,
    { order, limit, offset }: SumPageQuery,
  ): Promise<NamedRow[]> {
    const found: NamedRow[] = [];
    for await (const rows of this.rows.ofKey(buckets, key)) {
      found.push(...rows);
      if (order === 'date' && found.length >= offset + limit) break;
    }
    if (order === 'hits') found.sort(compareHits);
    return found.slice(offset, offset + limit);
  }
}

/** The names that rows of some keys have, in parts. */
function* namesOfKeys(
  buckets: readonly BucketName[],
  keys: readonly string[],
): Generator<readonly Pick<NamedRow, 'name' | 'key'>[], void, undefined> {
  for (const some of parts(buckets, Math.ceil(ROWS_IN_PART / keys.length)))
    yield some.flatMap((name) => keys.map((key) => ({ name, key })));
}

function compareHits(a: NamedRow, b: NamedRow): number {
  return b.hits - a.hits || b.name.bucket - a.name.bucket || compareKeys(a.key, b.key);
}
