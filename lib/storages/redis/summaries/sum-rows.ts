import {
  compareKeys,
  MEASURES,
  SUMMARY_PERIODS,
  type BucketRange,
  type MeasureName,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { Cancellation } from '../../base/query/cancellation.js';
import { until, type RedisConnection, type RedisReply } from '../connection/redis-connection.js';
import type { BucketName, RedisKeys } from '../format/redis-keys.js';
import { MERGED_ROWS, TOTALS } from '../format/merged-sum-scripts.js';
import type { RedisScript } from '../format/redis-script.js';
import {
  BUCKET_KEYS,
  BUCKETS,
  DIMENSIONS,
  FIRST_DATE,
  KEY_HITS,
  ROWS,
} from '../format/sum-lookup-scripts.js';
import { LONGEST_BUCKET_MS, rowOf } from './sum-mapper.js';

/** The most buckets and rows that one call of a script reads. */
const BUCKETS_AT_ONCE = 200;
const ROWS_AT_ONCE = 200;
/** The most calls in flight at once. */
const CALLS_AT_ONCE = 10;

/** Those that a merged row has only if they are wanted. */
const MERGED_MEASURES: readonly MeasureName[] = MEASURES.filter(
  ({ name, merge }) => merge === 'add' && name !== 'hits' && name !== 'measured',
).map(({ name }) => name);
/** What a script is told of the longest bucket. */
const LONGEST = String(LONGEST_BUCKET_MS);

/** A row's name, and its hits if they are known. */
export interface NamedRow {
  readonly name: BucketName;
  readonly key: string;
  readonly hits: number;
}

/** Reads the names of buckets and keys, and their rows. */
export class SumRows {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  /** The same rows, of which none is read after a signal. */
  until(end: Pick<Cancellation, 'signal'>): SumRows {
    return end.signal ? new SumRows(until(end, this.connection), this.keys) : this;
  }

  /** Reads every dimension that has ever been kept. */
  async dimensions(): Promise<string[]> {
    const reply = await this.connection.run(DIMENSIONS, [this.keys.dimensions], []);
    return (reply as readonly RedisReply[]).map(String);
  }

  /** Reads the buckets of a range, newest first. */
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

  /**
   * Returns the first date, at or after `from`, of all records and of the buckets of dimensions.
   */
  async firstDate(dimensions: readonly string[], from: number | null): Promise<number | null> {
    const buckets = dimensions.flatMap((dimension) =>
      SUMMARY_PERIODS.map((period) => this.keys.buckets({ dimension, period })),
    );
    const bound = from === null ? '-inf' : String(from);
    const sets = [this.keys.records, ...buckets];
    const reply = await this.connection.run(FIRST_DATE, sets, [bound]);
    return reply === null ? null : Number(reply);
  }

  /** Yields the rows of one key in some buckets, 200 buckets at a time. */
  async *ofKey(
    buckets: readonly BucketName[],
    key: string,
  ): AsyncGenerator<NamedRow[], void, undefined> {
    for (const part of parts(buckets, BUCKETS_AT_ONCE)) {
      const hits = await this.askEach(KEY_HITS, part, [key]);
      yield part.flatMap((name, at) =>
        hits[at] === null ? [] : [{ name, key, hits: -Number(hits[at]) }],
      );
    }
  }

  /** Reads the keys of each bucket, sorted. */
  async keysOf(buckets: readonly BucketName[]): Promise<string[][]> {
    return (await this.unsortedKeysOf(buckets)).map((keys) => keys.sort(compareKeys));
  }

  /** Reads the keys of each bucket, in no order that matters. */
  async unsortedKeysOf(buckets: readonly BucketName[]): Promise<string[][]> {
    if (buckets.length === 0) return [];
    const lists = (await this.askEach(BUCKET_KEYS, buckets)) as readonly RedisReply[][];
    return lists.map((keys) => keys.map(String));
  }

  /** Reads all rows of some buckets, those of each bucket sorted by key. */
  async ofBuckets(buckets: readonly BucketName[]): Promise<SummaryIncrement[]> {
    const keys = await this.keysOf(buckets);
    const named = buckets.flatMap((name, at) => keys[at]!.map((key) => ({ name, key })));
    return this.read(named, rowOf);
  }

  /**
   * Reads rows in the given order. Leaves out missing ones.
   *
   * @param of Decodes a row from the server's answer.
   * @param script Answers with each row.
   */
  async read<T>(
    named: readonly Pick<NamedRow, 'name' | 'key'>[],
    of: (name: BucketName, key: string, reply: RedisReply) => T | null,
    script: RedisScript = ROWS,
  ): Promise<T[]> {
    const rows: T[] = [];
    for (const part of parts(named, ROWS_AT_ONCE * CALLS_AT_ONCE)) {
      const replies = await Promise.all(
        [...parts(part, ROWS_AT_ONCE)].map((some) => this.row(some, script)),
      );
      for (const [index, reply] of replies.flat().entries()) {
        const { name, key } = part[index]!;
        const row = of(name, key, reply);
        if (row) rows.push(row);
      }
    }
    return rows;
  }

  /** Adds up `hits` and `measured` of some rows of each bucket. */
  async totals(
    runs: readonly { readonly name: BucketName; readonly keys: readonly string[] }[],
  ): Promise<(readonly [hits: number, measured: number])[]> {
    const keys = runs.flatMap(({ name, keys: some }) =>
      some.map((key) => this.keys.sums(name, key)),
    );
    const args = runs.flatMap(({ name, keys: some }) => [String(name.bucket), String(some.length)]);
    const reply = await this.connection.run(TOTALS, keys, [LONGEST, ...args]);
    return (reply as readonly RedisReply[]).map((text) => {
      const [hits, measured] = String(text).split(' ').map(Number);
      return [hits!, measured!] as const;
    });
  }

  /**
   * Adds up the rows of each key in some buckets.
   *
   * @param measures Those that are wanted.
   */
  async merged(
    keyed: readonly { readonly key: string; readonly names: readonly BucketName[] }[],
    withLatency: boolean,
    measures: ReadonlySet<MeasureName>,
  ): Promise<readonly RedisReply[]> {
    const keys = keyed.flatMap(({ key, names }) => names.map((name) => this.keys.sums(name, key)));
    const args = keyed.flatMap(({ names }) => [
      String(names.length),
      ...names.map(({ bucket }) => String(bucket)),
    ]);
    const fields = MERGED_MEASURES.filter((name) => measures.has(name));
    const latency = withLatency ? 'latency' : '';
    const given = [LONGEST, latency, String(fields.length), ...fields, ...args];
    return (await this.connection.run(MERGED_ROWS, keys, given)) as readonly RedisReply[];
  }

  private async row(named: readonly Pick<NamedRow, 'name' | 'key'>[], script: RedisScript) {
    const keys = named.map(({ name, key }) => this.keys.sums(name, key));
    return (await this.connection.run(script, keys, [])) as readonly RedisReply[];
  }

  /** Runs a script on the keys of some buckets. It answers with one value for each bucket. */
  async askEach(
    script: RedisScript,
    buckets: readonly BucketName[],
    args: readonly string[] = [],
  ): Promise<readonly RedisReply[]> {
    const keys = buckets.map((name) => this.keys.keys(name));
    return (await this.connection.run(script, keys, args)) as readonly RedisReply[];
  }
}

export function* parts<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
