import type { UsageRecord } from '../../record/index.js';
import type { Summarizer } from '../../summary/index.js';
import type { BaseStorageParts } from '../base/base-storage.js';
import { openSummarizer } from '../base/open-summarizer.js';
import { settleCoverage } from '../base/settle-coverage.js';
import { UncountedHours } from '../base/uncounted-hours.js';
import { NewerFormatError, TimeZoneChangedError } from '../contract/storage-errors.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import { BatchWriter } from './batches/batch-writer.js';
import { StalledBatchRecovery } from './batches/stalled-batch-recovery.js';
import { RefusedRecordsError, withOutageMarked } from './connection/failures.js';
import {
  siteFilter,
  type MongoCollections,
  type MongoConnection,
} from './connection/mongo-collections.js';
import { READ_LATEST } from './connection/operation-options.js';
import { MongoEraser } from './eraser.js';
import { MongoHealth } from './format/health.js';
import { prepareFormat } from './format/prepare-format.js';
import type { TtlOptions } from './mongo-usage-storage.options.js';
import { MongoValues } from './named-values.js';
import { MongoPruner } from './pruner.js';
import { RecordReader } from './records/record-reader.js';
import { insertRecords } from './records/record-writer.js';
import { SumReader } from './summaries/sum-reader.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';

/** The parts of an open storage on MongoDB. */
export class MongoParts implements BaseStorageParts {
  readonly summarizer: Summarizer;
  readonly values: MongoValues;
  readonly reader: RecordReader;
  readonly sums: SumReader;
  readonly maintenance: SummaryMaintenance;
  readonly pruner: MongoPruner;
  readonly eraser: MongoEraser;
  readonly health: MongoHealth;
  readonly writer = { store: (records: readonly UsageRecord[]) => this.store(records) };
  private readonly uncounted: UncountedHours;
  private readonly batches: BatchWriter;
  private readonly recovery: StalledBatchRecovery;
  private prepared: Promise<void> | null = null;

  constructor(
    private readonly storageName: string,
    private readonly connection: MongoConnection,
    private readonly context: UsageStorageContext,
    private readonly ttl: TtlOptions,
  ) {
    const { collections } = connection;
    const { maxKeys, logger } = context;
    this.summarizer = openSummarizer(context);
    this.values = new MongoValues(collections, ttl);
    this.uncounted = new UncountedHours(storageName, this);
    this.batches = new BatchWriter(collections, this.summarizer, maxKeys, logger);
    this.recovery = new StalledBatchRecovery(this.batches, logger);
    this.reader = new RecordReader(collections);
    this.sums = new SumReader(collections);
    this.health = new MongoHealth(collections, ttl);
    this.maintenance = new SummaryMaintenance(
      storageName,
      this.values,
      collections,
      this.summarizer,
      maxKeys,
      this.batches,
      this.recovery,
    );
    this.pruner = new MongoPruner(collections, this.batches);
    this.eraser = new MongoEraser(
      collections,
      this.summarizer,
      this.reader,
      this.maintenance,
      this.batches,
      this.values,
    );
  }

  /**
   * Prepares the collections, and recovers batches that other processes left unfinished. Tries
   * again if an earlier call failed.
   */
  get collections(): MongoCollections {
    return this.connection.collections;
  }

  ready(): Promise<void> {
    return (this.prepared ??= this.prepare().catch((error: unknown) => {
      this.prepared = null;
      throw error;
    }));
  }

  /**
   * Starts `ready` without waiting for it, so that the storage opens even if the server is
   * unreachable.
   */
  readyLater(): void {
    const { logger } = this.context;
    this.ready().catch((error: unknown) => {
      if (error instanceof TimeZoneChangedError || error instanceof NewerFormatError)
        logger.error(`No record is stored: ${error.message}`);
      else
        logger.warn(
          `The server cannot be reached yet; records wait until it can: ${String(error)}`,
        );
    });
  }

  async close(): Promise<void> {
    try {
      await this.recovery.stop();
      await this.batches.close();
    } catch (error) {
      this.context.logger.debug?.(
        `The writer's slot is kept until its lease is over: ${String(error)}`,
      );
    } finally {
      await this.connection.close?.();
    }
  }

  private async prepare(): Promise<void> {
    const { connection, values, maintenance, recovery, context } = this;
    await connection.reach?.();
    await prepareFormat(connection.collections, values, this.ttl, context.logger, context);
    if (this.summarizer.dimensions.length === 0) return;
    if (context.prepares === false) return maintenance.settleZone(context.onTimeZoneChange, false);
    await values.mirrorPruned();
    await recovery.sweep(0);
    await maintenance.settleZone(context.onTimeZoneChange);
    if (this.summarizer.countsRecords)
      await settleCoverage(values, async () => {
        const { records, website } = connection.collections;
        return (await records.findOne(siteFilter(website), READ_LATEST)) === null;
      });
    recovery.start();
  }

  private async store(records: readonly UsageRecord[]): Promise<void> {
    const wasCounting = this.summarizer.countsRecords;
    try {
      await this.ready();
      const { dimensions, countsRecords } = this.summarizer;
      if (dimensions.length > 0) {
        const store = () => this.batches.store(records);
        // If this is known only now that it is prepared, nobody has noted the hours.
        if (wasCounting && !countsRecords) await this.uncounted.around(records, store);
        else await store();
        return;
      }
      const { collections } = this.connection;
      const { refused } = await insertRecords(collections, records, null);
      if (refused.length === 0) return;
      const { collectionName } = collections.records;
      throw new RefusedRecordsError(collectionName, records.length, refused);
    } catch (error) {
      throw withOutageMarked(this.storageName, error);
    }
  }
}
