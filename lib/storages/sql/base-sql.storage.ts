import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../../record/index.js';
import type { UsageSums } from '../../summary/index.js';
import { parsePruneBounds } from '../base/parse-prune-bounds.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
} from '../base/parse-usage-query.js';
import type { PruneBounds, PruneCounts } from '../contract/prune.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { parseSubject } from '../base/parse-subject.js';
import type { UsageSubject } from '../contract/usage-subject.js';
import { storeError } from './connection/failures.js';
import type { OpenDatabase } from './connection/open-database.js';
import type { SqlEngine } from './engines/sql-engine.js';
import { forget, resumeForgetting } from './eraser.js';
import { checkNames } from './format/check-table-names.js';
import { IndexBuilder } from './format/index-builder.js';
import { prepareFormat } from './format/prepare-format.js';
import type { SqlLayout } from './layout/sql-layout.js';
import { dailySalt, forgetDailySalts } from './named-values.js';
import {
  checkPartitions,
  isMissingPartition,
  RecordPartitions,
} from './partitions/record-partitions.js';
import { prune } from './pruner.js';
import { rowOfRecord } from './records/record-mapper.js';
import { RecordQueries } from './records/record-queries.js';
import { WholeRecordReader, type RecordReader } from './records/record-reader.js';
import { type BatchWriter, RepeatedRecordsError } from './records/record-writer.js';
import { SlicedRecordReader } from './records/sliced-record-reader.js';
import type { SqlStorageOptions, SqlTarget } from './sql-storage.options.js';
import { SqlSummaries } from './summaries/summary-maintenance.js';
import { AtEndWriter } from './threads/at-end-writer.js';
import { openWriter } from './threads/thread-writer.js';

interface OpenSqlStorage {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
  readonly maxKeys: number;
  readonly logger: LoggerService;
  readonly queries: RecordQueries;
  readonly reader: RecordReader;
  readonly summaries: SqlSummaries;
  readonly writer: BatchWriter;
  readonly atEnd: AtEndWriter | null;
  readonly partitions: RecordPartitions | null;
  readonly indexes: IndexBuilder;
}

/** What the storages on SQL have in common: all but the way in which they connect. */
export abstract class BaseSqlStorage implements UsageStorage {
  abstract readonly name: string;
  protected abstract readonly target: SqlTarget;
  private opened: OpenSqlStorage | null = null;

  constructor(readonly options: SqlStorageOptions) {}

  /** @param context With the cap of keys that the options give. */
  protected abstract connect(context: UsageStorageContext): Promise<OpenDatabase>;

  async open(given: UsageStorageContext): Promise<void> {
    const maxKeys = this.options.maxKeys ?? given.maxKeys;
    const context = { ...given, maxKeys };
    const { engine, layout, openAtEnd, warning } = await this.connect(context);
    try {
      checkPartitions(layout);
      checkNames(layout);
      const putOff = await prepareFormat(engine, layout, {
        migrates: this.options.runMigrations !== false,
        logger: context.logger,
      });
      if (warning !== undefined) context.logger.warn(warning);
      const summaries = new SqlSummaries(this.name, engine, layout, context);
      await summaries.settleZone();
      // Elsewhere a process that ends undoes what it has begun.
      if (engine.isSliced) await resumeForgetting(engine, layout, summaries.summarizer, maxKeys);
      const queries = new RecordQueries(layout.records);
      this.opened = {
        engine,
        layout,
        maxKeys,
        logger: context.logger,
        queries,
        reader: engine.isBlocking
          ? new SlicedRecordReader(engine, queries)
          : new WholeRecordReader(engine, queries),
        summaries,
        writer: openWriter(engine, layout, maxKeys),
        atEnd: openAtEnd
          ? new AtEndWriter(openAtEnd, engine, layout, maxKeys, (records) =>
              summaries.increments(records),
            )
          : null,
        partitions: await RecordPartitions.open(engine, layout),
        indexes: new IndexBuilder(engine, layout, context.logger, putOff),
      };
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.indexes.stop();
    await opened?.writer.close();
    await opened?.engine.close();
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const { writer, summaries, partitions } = this.use();
    let fresh = [...new Map(records.map((record) => [record.id, record])).values()];
    while (fresh.length > 0) {
      const batch = { rows: fresh.map(rowOfRecord), increments: summaries.increments(fresh) };
      try {
        await partitions?.ensure(fresh.map(({ date }) => date.getTime()));
        await writer.write(batch);
        return;
      } catch (error) {
        if (partitions && isMissingPartition(error)) {
          partitions.forget();
          continue;
        }
        if (!(error instanceof RepeatedRecordsError)) throw storeError(error);
      }
      const known = await this.knownIds(fresh).catch((error: unknown) => {
        throw storeError(error);
      });
      fresh = fresh.filter((record) => !known.has(record.id));
    }
  }

  /** Stores at once, when the process ends: an SQLite file of the storage's own can be written so. */
  storeSync(records: readonly UsageRecord[]): void {
    const { atEnd } = this.use();
    if (!atEnd) throw new Error(`The storage ${this.name} cannot store without waiting.`);
    atEnd.write([...new Map(records.map((record) => [record.id, record])).values()]);
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
    return this.use().summaries.getSum(dimension, parsed);
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    await this.use().summaries.rebuild(start, end);
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    return this.use().summaries.verify(start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const bounds = parsePruneBounds(before);
    const { engine, layout, summaries, partitions } = this.use();
    return prune(engine, layout, partitions, summaries.summarizer.calendar, bounds);
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    const { engine, layout, summaries, maxKeys } = this.use();
    const count = await forget(engine, layout, summaries.summarizer, maxKeys, parsed);
    await this.erase(parsed.value);
    return count;
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    const { engine, layout } = this.use();
    return dailySalt(engine, layout, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    const { engine, layout } = this.use();
    await forgetDailySalts(engine, layout, before);
    await this.erase(null);
  }

  private async erase(text: string | null): Promise<void> {
    const { engine, logger } = this.use();
    let reason = 'somebody reads the database in an older state';
    try {
      if (await engine.erase(text)) return;
    } catch (error) {
      reason = String(error);
    }
    logger.warn(
      `Storage '${this.name}': what was forgotten is deleted, but SQLite's files may still hold ` +
        `copies (${reason}). Run: PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE).`,
    );
  }

  private async knownIds(records: readonly UsageRecord[]): Promise<Set<unknown>> {
    const { engine, queries } = this.use();
    const rows = await engine.read(queries.idsAmong(records.map(({ id }) => id)));
    return new Set(rows.map((row) => row['id']));
  }

  private use(): OpenSqlStorage {
    if (this.opened) return this.opened;
    throw new Error(`The storage ${this.name} is not open.`);
  }
}
