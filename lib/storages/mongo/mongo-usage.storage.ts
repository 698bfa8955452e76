import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../../record/index.js';
import { Summarizer, type UsageSums } from '../../summary/index.js';
import type { UsageSubject } from '../contract/usage-subject.js';
import { parsePruneBounds } from '../base/parse-prune-bounds.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
} from '../base/parse-usage-query.js';
import type { PruneBounds, PruneCounts } from '../contract/prune.js';
import { TimeZoneChangedError } from '../contract/time-zone-changed.error.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { StorageOptions } from '../contract/storage-options.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { BatchWriter } from './batches/batch-writer.js';
import { StalledBatchRecovery } from './batches/stalled-batch-recovery.js';
import { withOutageMarked } from './connection/failures.js';
import type { MongoCollections } from './connection/mongo-collections.js';
import { forget } from './eraser.js';
import { checkCollections } from './format/prepare-format.js';
import { ensureIndexes } from './format/prepare-format.js';
import type { TtlOptions } from './mongo-usage-storage.options.js';
import { prune } from './pruner.js';
import { mirrorPruned } from './named-values.js';
import { distinct, insertRecords } from './records/record-writer.js';
import { RecordQueries } from './records/record-reader.js';
import { RefusedRecordsError } from './connection/failures.js';
import { MongoSummaries } from './summaries/summary-maintenance.js';
import { dailySalt, forgetDailySalts } from './named-values.js';
import { parseSubject } from '../base/parse-subject.js';
import type { OnTimeZoneChange } from '../contract/usage-storage.js';

interface OpenMongoStorage {
  readonly place: MongoCollections;
  readonly logger: LoggerService;
  readonly queries: RecordQueries;
  readonly summarizer: Summarizer;
  readonly summaries: MongoSummaries;
  readonly batches: BatchWriter;
  readonly patrol: StalledBatchRecovery;
  readonly onTimeZoneChange: OnTimeZoneChange | undefined;
}

/** What the storages on MongoDB have in common: all but the connection. */
export abstract class MongoUsageStorage implements UsageStorage {
  abstract readonly name: string;
  abstract readonly options: StorageOptions & { readonly ttl?: TtlOptions };
  private opened: OpenMongoStorage | null = null;
  private prepared: Promise<void> | null = null;

  /** Where the data is. */
  protected abstract connect(): Promise<MongoCollections>;

  /** Resolves when the server has been reached once; tries again if it could not be before. */
  protected async reach(): Promise<void> {}

  /** Lets go of the connection. */
  protected async disconnect(): Promise<void> {}

  /** Whether the application starts when the server cannot be reached. */
  protected get isLazy(): boolean {
    return false;
  }

  async open(context: UsageStorageContext): Promise<void> {
    try {
      const place = await this.connect();
      this.opened = openOn(
        this.name,
        place,
        {
          ...context,
          maxKeys: this.options.maxKeys ?? context.maxKeys,
        },
        this.options.ttl ?? {},
      );
      if (this.isLazy) this.prepare().catch((error: unknown) => this.startsLater(error));
      else await this.prepare();
    } catch (error) {
      this.opened = null;
      await this.disconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    try {
      await opened?.patrol.stop();
      await opened?.batches.close();
    } catch (error) {
      opened?.logger.debug?.(`The writer's place is kept until its lease ends: ${String(error)}`);
    } finally {
      await this.disconnect();
    }
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const { place, batches, summarizer } = this.use();
    const fresh = distinct(records);
    try {
      await this.prepare();
      if (summarizer.dimensions.length > 0) return await batches.store(fresh);
      const { refused } = await insertRecords(place, fresh, null);
      if (refused.length === 0) return;
      throw new RefusedRecordsError(place.records.collectionName, fresh.length, refused);
    } catch (error) {
      throw withOutageMarked(this.name, error);
    }
  }

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    const parsed = parseUsageQuery(query);
    return (await this.ready()).queries.page(parsed);
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    const parsed = parseUsageFilter(filter);
    return (await this.ready()).queries.count(parsed);
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const parsed = parseUsageFilter(filter);
    yield* (await this.ready()).queries.stream(parsed);
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    const parsed = parseSumQuery(query);
    return (await this.ready()).summaries.getSum(dimension, parsed);
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    const { summaries, patrol } = await this.ready();
    await patrol.look();
    await summaries.rebuild(start, end);
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    return (await this.ready()).summaries.verify(start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const bounds = parsePruneBounds(before);
    const { place, summarizer, batches } = await this.ready();
    const counts = await prune(place, summarizer.calendar, bounds);
    batches.admission.forget();
    return counts;
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    const { place, queries, summaries, batches } = await this.ready();
    return forget({ place, queries, summaries, batches }, parsed);
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return dailySalt((await this.ready()).place, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await forgetDailySalts((await this.ready()).place, before);
  }

  /** Makes the indexes and finishes what others have left, once; again if it failed. */
  private prepare(): Promise<void> {
    return (this.prepared ??= this.prepareOnce().catch((error: unknown) => {
      this.prepared = null;
      throw error;
    }));
  }

  private async prepareOnce(): Promise<void> {
    const { place, logger, summarizer, summaries, patrol, onTimeZoneChange } = this.use();
    await this.reach();
    await checkCollections(place);
    await ensureIndexes(place, this.options.ttl ?? {}, logger);
    if (summarizer.dimensions.length === 0) return;
    await mirrorPruned(place);
    await patrol.look(0);
    await summaries.settleZone(onTimeZoneChange);
    patrol.start();
  }

  private startsLater(error: unknown): void {
    if (error instanceof TimeZoneChangedError) {
      this.opened?.logger.error(`No record is stored: ${error.message}`);
      return;
    }
    this.opened?.logger.warn(
      `The server cannot be reached yet; records wait until it can: ${String(error)}`,
    );
  }

  private async ready(): Promise<OpenMongoStorage> {
    const opened = this.use();
    await this.prepare();
    return opened;
  }

  private use(): OpenMongoStorage {
    if (this.opened) return this.opened;
    throw new Error(`The storage ${this.name} is not open.`);
  }
}

function openOn(
  name: string,
  place: MongoCollections,
  { logger, summaries, timeZone, onTimeZoneChange, maxKeys }: UsageStorageContext,
  ttl: TtlOptions,
): OpenMongoStorage {
  const summarizer = new Summarizer({
    summaries,
    timeZone,
    onKeyError: (error) => {
      logger.warn(error.message);
    },
  });
  const batches = new BatchWriter(place, summarizer, maxKeys, logger);
  return {
    place,
    logger,
    onTimeZoneChange,
    queries: new RecordQueries(place),
    summarizer,
    batches,
    patrol: new StalledBatchRecovery(batches, logger),
    summaries: new MongoSummaries(name, place, summarizer, maxKeys, batches, ttl),
  };
}
