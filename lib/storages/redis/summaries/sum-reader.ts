import {
  compareKeys,
  keyText,
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
  type UsageSums,
} from '../../../summary/index.js';
import type { ParsedSumQuery } from '../../base/parse-usage-query.js';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.js';
import type { BucketName, RedisKeys } from '../format/redis-keys.js';
import type { RedisScript } from '../format/redis-script.js';
import {
  BUCKET_KEYS,
  BUCKET_SIZES,
  BUCKETS,
  DIMENSIONS,
  KEY_HITS,
  ROWS,
  TOP_KEYS,
} from '../format/sum-scripts.js';
import type { RedisSummaries } from './sum-writer.js';
import { rowOf, usageSumOf } from './sum-mapper.js';

/** Buckets, and rows, that one call of a script reads. */
const BUCKETS_AT_ONCE = 200;
const TOPS_AT_ONCE = 20;
const ROWS_AT_ONCE = 200;
/** Calls that are under way at once. */
const SENT_AT_ONCE = 10;

/** A row by its name, and its hits where they are known. */
interface NamedRow {
  readonly name: BucketName;
  readonly key: string;
  readonly hits: number;
}

type Page = Pick<ParsedSumQuery, 'limit' | 'offset'>;

/**
 * Reads sums. It never holds more than a page, the keys of one bucket and, by hits, the names of
 * the rows up to the page's end.
 */
export class SumReader {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly summaries: RedisSummaries,
  ) {}

  async getSum(dimension: string, query: ParsedSumQuery): Promise<UsageSums> {
    this.summaries.checkKept(dimension);
    const { calendar } = this.summaries.summarizer;
    const page = async (period: SummaryPeriod): Promise<UsageSum[]> => {
      const range = calendar.range(period, query.start, query.end);
      const buckets = await this.buckets(dimension, period, range);
      return this.read(await this.named(buckets, query), usageSumOf);
    };
    const [hour, day, month] = await Promise.all(SUMMARY_PERIODS.map(page));
    return { hour: hour!, day: day!, month: month! };
  }

  /** Every dimension that has ever been kept. */
  async dimensions(): Promise<string[]> {
    const reply = await this.connection.run(DIMENSIONS, [this.keys.dimensions], []);
    return (reply as readonly RedisReply[]).map(String);
  }

  /** The buckets of a range, the newest first. */
  async buckets(
    dimension: string,
    period: SummaryPeriod,
    { first, last }: BucketRange,
  ): Promise<BucketName[]> {
    const key = this.keys.buckets({ dimension, period });
    const bounds = [first === null ? '-inf' : String(first), last === null ? '+inf' : String(last)];
    const found = (await this.connection.run(BUCKETS, [key], bounds)) as readonly RedisReply[];
    return found.map((bucket) => ({ dimension, period, bucket: Number(bucket) }));
  }

  /** Those of some buckets that have a row of a key. */
  async withKey(buckets: readonly BucketName[], key: string): Promise<BucketName[]> {
    const found = await this.ofTarget(buckets, key, { order: 'date', limit: Infinity, offset: 0 });
    return found.map(({ name }) => name);
  }

  /** The keys of each of some buckets, in order. */
  async keysOf(buckets: readonly BucketName[]): Promise<string[][]> {
    if (buckets.length === 0) return [];
    const lists = (await this.ofBuckets(BUCKET_KEYS, buckets)) as readonly RedisReply[][];
    return lists.map((keys) => keys.map(String).sort(compareKeys));
  }

  /** Rows in the order given; those that are not there are left out. */
  rows(named: readonly Pick<NamedRow, 'name' | 'key'>[]): Promise<SummaryIncrement[]> {
    return this.read(named, rowOf);
  }

  private async read<T>(
    named: readonly Pick<NamedRow, 'name' | 'key'>[],
    of: (name: BucketName, key: string, reply: RedisReply) => T | null,
  ): Promise<T[]> {
    const rows: T[] = [];
    for (const part of parts(named, ROWS_AT_ONCE * SENT_AT_ONCE)) {
      const replies = await Promise.all(
        [...parts(part, ROWS_AT_ONCE)].map((some) => this.row(some)),
      );
      for (const [index, reply] of replies.flat().entries()) {
        const { name, key } = part[index]!;
        const row = of(name, key, reply);
        if (row) rows.push(row);
      }
    }
    return rows;
  }

  private async row(named: readonly Pick<NamedRow, 'name' | 'key'>[]) {
    const keys = named.map(({ name, key }) => this.keys.sums(name, key));
    return (await this.connection.run(ROWS, keys, [])) as readonly RedisReply[];
  }

  private named(buckets: readonly BucketName[], query: ParsedSumQuery): Promise<NamedRow[]> {
    if (query.target !== null) return this.ofTarget(buckets, keyText(query.target), query);
    return query.order === 'hits' ? this.top(buckets, query) : this.newest(buckets, query);
  }

  private async newest(
    buckets: readonly BucketName[],
    { limit, offset }: Page,
  ): Promise<NamedRow[]> {
    const rows: NamedRow[] = [];
    let skip = offset;
    for (const part of parts(buckets, BUCKETS_AT_ONCE)) {
      const sizes = (await this.ofBuckets(BUCKET_SIZES, part)).map(Number);
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
      for (const [index, keys] of (await this.keysOf(needed)).entries()) {
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
    // From the newest on: an older row with as many hits comes after those that are there.
    for (const part of parts(buckets, TOPS_AT_ONCE)) {
      const least = best.length >= wanted ? best[wanted - 1]!.hits : 0;
      const args = [String(Math.min(wanted, Number.MAX_SAFE_INTEGER)), String(least)];
      const lists = (await this.ofBuckets(TOP_KEYS, part, args)) as readonly RedisReply[][];
      for (const [index, list] of lists.entries())
        for (let at = 0; at < list.length; at += 2)
          best.push({ name: part[index]!, key: String(list[at]), hits: -Number(list[at + 1]) });
      best = best.sort(compareHits).slice(0, wanted);
    }
    return best.slice(offset);
  }

  private async ofTarget(
    buckets: readonly BucketName[],
    key: string,
    { order, limit, offset }: Page & Pick<ParsedSumQuery, 'order'>,
  ): Promise<NamedRow[]> {
    const rows: NamedRow[] = [];
    for (const part of parts(buckets, BUCKETS_AT_ONCE)) {
      const hits = await this.ofBuckets(KEY_HITS, part, [key]);
      for (const [index, name] of part.entries())
        if (hits[index] !== null) rows.push({ name, key, hits: -Number(hits[index]) });
      if (order === 'date' && rows.length >= offset + limit) break;
    }
    if (order === 'hits') rows.sort(compareHits);
    return rows.slice(offset, offset + limit);
  }

  private async ofBuckets(
    script: RedisScript,
    buckets: readonly BucketName[],
    args: readonly string[] = [],
  ): Promise<readonly RedisReply[]> {
    const keys = buckets.map((name) => this.keys.keys(name));
    return (await this.connection.run(script, keys, args)) as readonly RedisReply[];
  }
}

function compareHits(a: NamedRow, b: NamedRow): number {
  return b.hits - a.hits || b.name.bucket - a.name.bucket || compareKeys(a.key, b.key);
}

function* parts<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
