import { inspect } from 'node:util';
import type { UsageRecord } from '../../record/index.js';
import { OpenedStorage, type OpenedStorageParts } from '../base/opened-storage.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { openConnection } from './connection/open-connection.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { Forgetter } from './eraser.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { RedisKeys } from './format/redis-keys.js';
import type { RedisStorageOptions } from './redis-storage.options.js';
import { redisTarget, type RedisTarget } from './redis-target.js';
import { warnOfEviction } from './format/prepare-format.js';
import { OPEN } from './scripts/open.script.js';
import { RedisSummaries } from './summaries/sum-writer.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { SumReader } from './summaries/sum-reader.js';
import { dailySalt, forgetDailySalts } from './visitors/daily-salts.js';

interface OpenRedisStorage extends OpenedStorageParts {
  readonly connection: RedisConnection;
  readonly writer: RecordWriter;
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
      const owned = [keys.records, keys.texts, keys.dimensions];
      const answer = await connection.run(OPEN, owned, summaries.summarizer.dimensions);
      if (answer !== 'OK') throw noAnswer(answer);
      await warnOfEviction(connection, keys, context.logger);
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
    const keeper = new SummaryMaintenance(connection, keys, summaries, sums, reader);
    const { summarizer } = summaries;
    const forgetter = new Forgetter(connection, keys, summarizer, reader, writer, sums, keeper);
    try {
      await keeper.settleZone(context.onTimeZoneChange);
    } catch (error) {
      await connection.close();
      throw error;
    }
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

  async dailySalt(day: string, proposed: string): Promise<string> {
    return dailySalt(this.use().connection, this.keys, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await forgetDailySalts(this.use().connection, this.keys, before);
  }

  protected async pruneRecords({ writer }: OpenRedisStorage, before: number): Promise<number> {
    await writer.notePruned(before);
    return writer.remove({ before });
  }
}

function noAnswer(answer: unknown): Error {
  return new Error(
    'RedisStorage: client: expected one whose commands resolve to what the server answers, but ' +
      `this one gave ${inspect(answer, { depth: 0 })} for 'OK'. Give it the client itself: no ` +
      'pipeline, transaction or client in legacy mode, and none whose replies are transformed.',
  );
}
