import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod } from '../../summary/index.js';
import { OpenedStorage, type OpenedStorageParts } from '../base/opened-storage.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { openConnection } from './connection/open-connection.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { Eraser } from './eraser.js';
import { prepareFormat } from './format/prepare-format.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { RedisKeys } from './format/redis-keys.js';
import type { RedisStorageOptions } from './redis-storage.options.js';
import { redisTarget, type RedisTarget } from './redis-storage.options.js';
import { NamedValues } from './named-values.js';
import { Pruner } from './pruner.js';
import { RedisSummaries } from './summaries/sum-writer.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { SumReader } from './summaries/sum-reader.js';

interface OpenRedisStorage extends OpenedStorageParts {
  readonly connection: RedisConnection;
  readonly writer: RecordWriter;
  readonly named: NamedValues;
  readonly pruner: Pruner;
}

/**
 * Keeps records and summaries in Redis, on a connection of its own or on a client of the
 * application, a single server or a cluster. In a cluster all keys lie on one slot: that makes a
 * batch and its sums one step, and puts them on one node. While sums are rebuilt or verified,
 * batches wait, one month after the other.
 *
 * @example
 * new RedisStorage({ url: process.env.REDIS_URL, hooks: [sumBasic] });
 *
 * @publicApi
 */
export class RedisStorage extends OpenedStorage<OpenRedisStorage> implements UsageStorage {
  readonly name: string;
  private readonly target: RedisTarget;
  private readonly keys: RedisKeys;

  /** @throws {TypeError} for options that contradict each other or are of the wrong kind. */
  constructor(readonly options: RedisStorageOptions = {}) {
    super();
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
      await prepareFormat(connection, keys, summaries.summarizer.dimensions, context.logger);
    } catch (error) {
      await connection.close();
      throw error;
    }
    const named = new NamedValues(connection, keys);
    const reader = new RecordReader(connection, keys);
    const sums = new SumReader(connection, keys, summaries);
    const writer = new RecordWriter(
      connection,
      keys,
      summaries,
      named,
      this.options.maxRecords ?? Infinity,
    );
    const maintenance = new SummaryMaintenance(connection, keys, summaries, named, sums, reader);
    const { summarizer } = summaries;
    const eraser = new Eraser(
      connection,
      keys,
      summarizer,
      named,
      reader,
      writer,
      sums,
      maintenance,
    );
    const pruner = new Pruner(connection, keys, named, summarizer.calendar, writer, sums);
    try {
      await maintenance.settleZone(context.onTimeZoneChange);
    } catch (error) {
      await connection.close();
      throw error;
    }
    const keeper = {
      rebuild: (start: Date | null, end: Date | null) => maintenance.rebuild(start, end),
      verify: (start: Date | null, end: Date | null) => maintenance.verify(start, end),
      prune: (period: SummaryPeriod, before: number) => pruner.pruneSums(period, before),
    };
    this.opened = { connection, reader, writer, named, sums, keeper, forgetter: eraser, pruner };
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.connection.close();
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    await this.use().writer.store(records);
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return this.use().named.dailySalt(day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await this.use().named.forgetDailySalts(before);
  }

  protected pruneRecords({ pruner }: OpenRedisStorage, before: number): Promise<number> {
    return pruner.pruneRecords(before);
  }
}
