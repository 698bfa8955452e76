import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import { openSummarizer } from '../base/open-summarizer.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { openConnection } from './connection/open-connection.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { Eraser } from './eraser.js';
import { serverOf } from './connection/server-of.js';
import { evictionFault, prepareFormat } from './format/prepare-format.js';
import { RedisKeys } from './format/redis-keys.js';
import { RedisNamedValues } from './named-values.js';
import { Pruner } from './pruner.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import {
  redisTarget,
  type RedisStorageOptions,
  type RedisTarget,
} from './redis-storage.options.js';
import { SumLock } from './summaries/sum-lock.js';
import { SumReader } from './summaries/sum-reader.js';
import { SumRows } from './summaries/sum-rows.js';
import { SumWriter } from './summaries/sum-writer.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';

/**
 * Keeps records and summaries in Redis, on its own connection or on a client of the application, on
 * a single server or a cluster. In a cluster all keys are on one slot, and so on one node. A batch
 * and its sums are therefore stored in one step. While a month's sums are rebuilt or verified,
 * batches of that month wait.
 *
 * @example
 * new RedisStorage({ url: process.env.REDIS_URL, hooks: [sumBasic] });
 *
 * @publicApi
 */
export class RedisStorage extends BaseStorage implements UsageStorage {
  readonly name: string;
  private readonly target: RedisTarget;
  private readonly keys: RedisKeys;

  /** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
  constructor(readonly options: RedisStorageOptions = {}) {
    super();
    this.name = options.name ?? 'redis';
    this.target = redisTarget(options);
    this.keys = new RedisKeys(options.keyPrefix);
  }

  protected override placeOf(): string {
    return `redis ${serverOf(this.target)} ${this.keys.records}`;
  }

  protected async openParts(context: UsageStorageContext): Promise<BaseStorageParts> {
    const connection = await openConnection(this.target);
    try {
      return await this.prepareParts(connection, context);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private async prepareParts(
    connection: RedisConnection,
    context: UsageStorageContext,
  ): Promise<BaseStorageParts> {
    const { keys, name } = this;
    const summarizer = openSummarizer(context);
    const values = new RedisNamedValues(connection, keys);
    const { logger, prepares = true } = context;
    await prepareFormat(connection, keys, values, summarizer.dimensions, logger, prepares);
    const rows = new SumRows(connection, keys);
    const sumWriter = new SumWriter(connection, keys, summarizer, context.maxKeys);
    const reader = new RecordReader(connection, keys);
    const maxRecords = this.options.maxRecords ?? Infinity;
    const writer = new RecordWriter(connection, keys, values, sumWriter, maxRecords);
    const lock = new SumLock(connection, keys.lock);
    const maintenance = new SummaryMaintenance(name, values, rows, sumWriter, reader, lock);
    await maintenance.settleZone(context.onTimeZoneChange, prepares);
    return {
      summarizer,
      values,
      writer,
      reader,
      sums: new SumReader(rows),
      maintenance,
      pruner: new Pruner(connection, keys, writer, rows),
      eraser: new Eraser(connection, keys, summarizer, values, reader, writer, rows, maintenance),
      health: {
        bytes: async () => null,
        async faults() {
          const fault = await evictionFault(connection, keys.records);
          return fault === null ? [] : [fault];
        },
        missing: async () => [],
      },
      close: () => connection.close(),
    };
  }
}
