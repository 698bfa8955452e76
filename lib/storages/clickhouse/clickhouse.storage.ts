import { withTimeLimit } from '../../support/time-limit.js';
import { Summarizer, withRecordCount } from '../../summary/index.js';
import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import type { MigrationStep } from '../base/migration-step.js';
import {
  mayMigrate,
  type UsageStorage,
  type UsageStorageContext,
} from '../contract/usage-storage.js';
import {
  clickHouseTarget,
  type ClickHouseStorageOptions,
  type ClickHouseTarget,
} from './clickhouse-storage.options.js';
import type { ClickHouseDatabase } from './connection/clickhouse-database.js';
import { openConnection } from './connection/open-connection.js';
import { serverOf } from './connection/server-of.js';
import { Eraser } from './eraser.js';
import { ClickHouseHealth } from './format/health.js';
import { KeyColumns } from './format/key-columns.js';
import { NoteTable } from './format/note-table.js';
import { missingTables, prepareFormat } from './format/prepare-format.js';
import { Tables } from './format/tables.js';
import { ClickHouseNamedValues } from './named-values.js';
import { Pruner } from './pruner.js';
import { PartitionDropper } from './records/partition-dropper.js';
import { RecordCorrector } from './records/record-corrector.js';
import { RecordSummarizer } from './records/record-mapper.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { WriteNotes } from './records/write-notes.js';
import { DayCounter } from './summaries/day-counter.js';
import { Holds } from './summaries/holds.js';
import { HourCounter } from './summaries/hour-counter.js';
import { HourSchedule } from './summaries/hour-schedule.js';
import { Moves } from './summaries/moves.js';
import { SumQueries } from './summaries/sum-queries.js';
import { SumReader } from './summaries/sum-reader.js';
import { SumStates } from './summaries/sum-state.js';
import { TotalQueries } from './summaries/total-queries.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';

/** The parts of the storage, and what counts past hours. */
export interface ClickHouseParts extends BaseStorageParts {
  readonly hours: HourCounter;
  /** Database and table of the records. */
  readonly table: string;
}

/** Time limit for the server's answers at start. */
const OPEN_TIMEOUT_MS = 30_000;

/** ClickHouse wants few large inserts. */
const BATCHES = { batchSize: 10_000, flushInterval: 5000 };

/**
 * Keeps records in ClickHouse, one row each, with the buckets and keys under which they count. So
 * sums agree with the records at any moment, however often a batch is repeated.
 *
 * @example
 * new ClickHouseStorage({ url: process.env.CLICKHOUSE_URL, database: 'usage', hooks: [sumBasic] });
 *
 * @publicApi
 */
export class ClickHouseStorage extends BaseStorage<ClickHouseParts> implements UsageStorage {
  readonly name: string;
  readonly options: ClickHouseStorageOptions;
  private readonly target: ClickHouseTarget;

  /** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
  constructor(options: ClickHouseStorageOptions = {}) {
    super();
    this.options = { ...BATCHES, ...options };
    this.name = options.name ?? 'clickhouse';
    this.target = clickHouseTarget(options);
  }

  protected override placeOf({ table }: ClickHouseParts): string {
    return `clickhouse ${serverOf(this.target)} ${table}`;
  }

  override async pendingSteps(context: UsageStorageContext): Promise<readonly MigrationStep[]> {
    const database = await openConnection(this.target);
    try {
      const missing = await missingTables(database, await this.tablesOn(database));
      if (missing.length > 0) return missing;
    } finally {
      await database.close();
    }
    return super.pendingSteps(context);
  }

  protected async openParts(context: UsageStorageContext): Promise<ClickHouseParts> {
    const database = await openConnection(this.target);
    try {
      return await this.partsOn(database, context);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private async tablesOn(database: ClickHouseDatabase): Promise<Tables> {
    return new Tables(this.target, this.target.database ?? (await currentDatabase(database)));
  }

  private async partsOn(
    database: ClickHouseDatabase,
    context: UsageStorageContext,
  ): Promise<ClickHouseParts> {
    const { summaries, timeZone, onTimeZoneChange, logger, prepares = true } = context;
    const kept = withRecordCount(summaries);
    const summarizer = new Summarizer({ summaries: kept, timeZone });
    const keys = new RecordSummarizer(summarizer, kept, (error) => {
      logger.warn(error.message);
    });
    const tables = await this.tablesOn(database);
    const columns = new KeyColumns(database, tables);
    const notes = new NoteTable(database, tables);
    const values = new ClickHouseNamedValues(notes);
    await withTimeLimit(
      prepareFormat(database, tables, columns, values, {
        dimensions: summarizer.dimensions,
        prepares,
        migrates: mayMigrate(context),
      }),
      OPEN_TIMEOUT_MS,
      () => {
        throw new Error(
          `ClickHouseStorage: ${database.shown} did not answer within ${OPEN_TIMEOUT_MS / 1000} s. ` +
            'Check the address.',
        );
      },
    );
    const writes = new WriteNotes(database, tables);
    const states = new SumStates(notes, writes, summarizer);
    const queries = new SumQueries(tables, columns, summarizer.calendar);
    const moves = new Moves(database, tables, states);
    const hours = new HourCounter(
      database,
      tables,
      columns,
      summarizer,
      writes,
      queries,
      states,
      notes,
      new Holds(writes, states),
      moves,
      new DayCounter(database, tables, summarizer, queries, states, moves),
    );
    const writer = new RecordWriter(database, tables, keys, columns, writes);
    const reader = new RecordReader(database, tables);
    const corrector = new RecordCorrector(
      database,
      tables,
      keys,
      columns,
      reader,
      writer,
      writes,
      hours,
    );
    const sums = new SumReader(
      database,
      tables,
      columns,
      queries,
      new TotalQueries(tables, columns),
      states,
    );
    const maintenance = new SummaryMaintenance(
      this.name,
      summarizer,
      values,
      reader,
      corrector,
      sums,
    );
    await maintenance.settleZone(onTimeZoneChange, prepares);
    const schedule = new HourSchedule(hours, logger);
    const partitions = new PartitionDropper(database, tables);
    return {
      summarizer,
      writer: {
        async store(records) {
          await writer.store(records);
          schedule.start();
        },
      },
      reader,
      sums,
      maintenance,
      values,
      pruner: new Pruner(
        database,
        tables,
        columns,
        writes,
        sums,
        queries,
        states,
        partitions,
        hours,
        moves,
      ),
      eraser: new Eraser(database, tables, columns, reader, sums, writes, hours, summarizer),
      health: new ClickHouseHealth(database, tables),
      hours,
      table: `${tables.names.database}.${this.target.recordTable}`,
      async close() {
        await schedule.stop();
        await writes.close();
        await database.close();
      },
    };
  }
}

async function currentDatabase(database: ClickHouseDatabase): Promise<string> {
  const [row] = await database.rows('SELECT currentDatabase()');
  return row![0] as string;
}
