import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod, UsageSums } from '../../summary/index.js';
import { parseSubject, type UsageSubject } from '../forget/usage-subject.js';
import { parsePruneBounds } from '../parse-prune-bounds.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
} from '../parse-usage-query.js';
import type { PruneBounds, PruneCounts } from '../prune.js';
import type { SummaryDifference } from '../recount/summary-difference.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../usage-query.js';
import type { UsageStorage, UsageStorageContext } from '../usage-storage.js';
import { openConnection } from './connection/open-connection.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { Forgetter } from './forget/forgetter.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisStorageOptions } from './redis-storage.options.js';
import { redisTarget, type RedisTarget } from './redis-target.js';
import { OPEN } from './scripts/open.script.js';
import { RedisSummaries } from './summaries/redis-summaries.js';
import { SumKeeper } from './summaries/sum-keeper.js';
import { SumReader } from './summaries/sum-reader.js';
import { dailySalt, forgetDailySalts } from './visitors/daily-salts.js';

interface OpenRedisStorage {
  readonly connection: RedisConnection;
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly sums: SumReader;
  readonly keeper: SumKeeper;
  readonly forgetter: Forgetter;
}

/**
 * Keeps records and summaries in Redis, on a connection of its own or on a client of the
 * application, a single server or a cluster. In a cluster all keys lie on one slot: that makes a
 * batch and its sums one step, and puts them on one node.
 *
 * @example
 * new RedisStorage({ url: process.env.REDIS_URL, hooks: [sumBasic] });
 *
 * @publicApi
 */
export class RedisStorage implements UsageStorage {
  readonly name: string;
  private readonly target: RedisTarget;
  private readonly keys: RedisKeys;
  private opened: OpenRedisStorage | null = null;

  /** @throws {TypeError} for options that contradict each other or are of the wrong kind. */
  constructor(readonly options: RedisStorageOptions = {}) {
    this.name = options.name ?? 'redis';
    this.target = redisTarget(options);
    this.keys = new RedisKeys(options.keyPrefix);
  }

  async open(context: UsageStorageContext): Promise<void> {
    const { name, keys } = this;
    const maxKeys = this.options.maxKeys ?? context.maxKeys;
    const summaries = new RedisSummaries(name, keys, context, maxKeys);
    const connection = await openConnection(this.target);
    try {
      const owned = [keys.records, keys.texts, keys.dimensions];
      await connection.run(OPEN, owned, summaries.summarizer.dimensions);
    } catch (error) {
      await connection.close();
      throw error;
    }
    const reader = new RecordReader(connection, keys);
    const sums = new SumReader(connection, keys, summaries);
    const writer = new RecordWriter(
      connection,
      keys,
      summaries,
      this.options.maxRecords ?? Infinity,
    );
    const keeper = new SumKeeper(connection, keys, summaries, sums, reader);
    const { summarizer } = summaries;
    const forgetter = new Forgetter(connection, keys, summarizer, reader, writer, sums, keeper);
    this.opened = { connection, reader, writer, sums, keeper, forgetter };
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.connection.close();
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    await this.use().writer.store(records);
  }

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    const parsed = parseUsageQuery(query);
    return this.use().reader.page(parsed);
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    const parsed = parseUsageFilter(filter);
    return this.use().reader.count(parsed);
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const parsed = parseUsageFilter(filter);
    yield* this.use().reader.stream(parsed);
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    const parsed = parseSumQuery(query);
    return this.use().sums.getSum(dimension, parsed);
  }

  /** Keeps writers out of one month after the other while it is read; their batches wait. */
  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    await this.use().keeper.rebuild(start, end);
  }

  /** Keeps writers out of one month after the other while it is read; their batches wait. */
  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    return this.use().keeper.verify(start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const { records, ...periods } = parsePruneBounds(before);
    const { writer, keeper } = this.use();
    if (records !== null) await writer.notePruned(records);
    const pruned = async (period: SummaryPeriod) =>
      periods[period] === null ? 0 : keeper.prune(period, periods[period]);
    return {
      records: records === null ? 0 : await writer.remove({ before: records }),
      hour: await pruned('hour'),
      day: await pruned('day'),
      month: await pruned('month'),
    };
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    return this.use().forgetter.forget(parsed);
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return dailySalt(this.use().connection, this.keys, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await forgetDailySalts(this.use().connection, this.keys, before);
  }

  private use(): OpenRedisStorage {
    if (this.opened) return this.opened;
    throw new Error(`The storage ${this.name} is not open.`);
  }
}
