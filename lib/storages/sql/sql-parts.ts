import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../../record/index.js';
import { distinctById, type BaseStorageParts } from '../base/base-storage.js';
import { openSummarizer } from '../base/open-summarizer.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import type { OpenDatabase } from './connection/open-database.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlLayout } from './layout/sql-layout.js';
import { Eraser } from './eraser.js';
import { checkNames } from './format/check-table-names.js';
import { IndexBuilder } from './format/index-builder.js';
import { SqlHealth } from './format/health.js';
import { prepareFormat } from './format/prepare-format.js';
import { SqlValues } from './named-values.js';
import { checkPartitions, RecordPartitions } from './partitions/record-partitions.js';
import { Pruner } from './pruner.js';
import { EngineWriter } from './records/batch-writer.js';
import { withIdLookup } from './records/id-lookup.js';
import { RecordQueries } from './records/record-queries.js';
import { WholeRecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { SlicedRecordReader } from './records/sliced-record-reader.js';
import { foldKeys } from './summaries/fold-keys.js';
import { SlicedSumReader } from './summaries/sliced-sum-reader.js';
import { WholeSumReader } from './summaries/sum-reader.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { AtEndWriter } from './threads/at-end-writer.js';

/** The parts of an open SQL storage. */
export interface SqlParts extends BaseStorageParts {
  /**
   * Stores records synchronously while the process ends.
   *
   * @throws {Error} if the database is not an SQLite file of the storage's own.
   */
  storeSync(records: readonly UsageRecord[]): void;
}

/**
 * Prepares the tables and creates the parts that use them. Closes the database if it rejects.
 *
 * @param name The storage's name.
 */
export async function openSqlParts(
  name: string,
  { engine, layout, batches, openAtEnd, warning }: OpenDatabase,
  runMigrations: boolean,
  context: UsageStorageContext,
): Promise<SqlParts> {
  const { logger, maxKeys, prepares = true } = context;
  try {
    checkPartitions(layout);
    checkNames(layout);
    const putOff = await prepareFormat(engine, layout, {
      migrates: runMigrations,
      prepares,
      // A server makes them beside its writers. SQLite does so only if it is asked to.
      putsOff: context.migrates !== true || engine.openSession !== undefined,
      logger,
    });
    if (warning !== undefined) logger.warn(warning);
    const erase = (text: string | null) => eraseFromFiles(name, engine, logger, text);
    const values = new SqlValues(engine, layout, () => erase(null));
    const summarizer = openSummarizer(context);
    const maintenance = new SummaryMaintenance(name, values, engine, layout, summarizer, maxKeys);
    await maintenance.settleZone(context.onTimeZoneChange, prepares);
    const eraser = new Eraser(engine, layout, summarizer, maxKeys, values);
    // Elsewhere each month is erased in one transaction, which the database rolls back if the
    // process ends.
    if (engine.isSliced && prepares) await eraser.resume();
    const partitions = prepares ? await RecordPartitions.open(engine, layout) : null;
    const queries = new RecordQueries(layout.records);
    const increments = (records: readonly UsageRecord[]) => maintenance.increments(records);
    const batchWriter = batches ?? new EngineWriter(engine, layout, maxKeys);
    const atEnd = openAtEnd
      ? new AtEndWriter(openAtEnd, engine, layout, maxKeys, increments, summarizer.countsRecords)
      : null;
    const indexes = new IndexBuilder(engine, layout, logger, putOff);
    return {
      summarizer,
      writer: new RecordWriter(engine, queries, batchWriter, partitions, increments),
      ...readers(engine, layout, queries),
      maintenance,
      pruner: new Pruner(engine, layout, partitions),
      eraser: {
        dimensions: () => eraser.dimensions(),
        async forget(subject) {
          const count = await eraser.forget(subject);
          await erase(subject.value);
          return count;
        },
        foldKeys: (dimension, period, before) =>
          foldKeys(engine, layout, dimension, period, before),
      },
      values,
      health: new SqlHealth(engine, layout),
      migrated: () => indexes.finished(),
      storeSync(records) {
        if (!atEnd) throw new Error(`The storage ${name} cannot store without waiting.`);
        atEnd.write(distinctById(records));
      },
      async close() {
        await indexes.stop();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

// SQLite cannot stop a statement, so what may have to be stopped is read by short ones in any thread.
function readers(
  engine: SqlEngine,
  layout: SqlLayout,
  queries: RecordQueries,
): Pick<BaseStorageParts, 'reader' | 'sums'> {
  const { records, summaries } = layout;
  const isSqlite = records.dialect.name === 'sqlite';
  const reader = isSqlite ? new SlicedRecordReader(engine, queries) : null;
  const sums = isSqlite ? new SlicedSumReader(engine, summaries) : null;
  if (engine.isBlocking && reader && sums) return { reader: withIdLookup(reader), sums };
  return {
    reader: withIdLookup(new WholeRecordReader(engine, queries, reader)),
    sums: new WholeSumReader(engine, summaries, sums),
  };
}

async function eraseFromFiles(
  name: string,
  engine: SqlEngine,
  logger: LoggerService,
  text: string | null,
): Promise<void> {
  let reason = 'somebody reads the database in an older state';
  try {
    if (await engine.erase(text)) return;
  } catch (error) {
    reason = String(error);
  }
  logger.warn(
    `Storage '${name}': what was forgotten is deleted, but SQLite's files may still hold ` +
      `copies (${reason}). Run: PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE).`,
  );
}
