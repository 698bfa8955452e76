import type { UsageRecord } from '../../record/index.js';
import type { UsageSums } from '../../summary/index.js';
import type { UsageSubject } from '../contract/usage-subject.js';
import type { PruneBounds, PruneCounts } from '../contract/prune.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import type { EmbeddedStorage } from './embedded.storage.js';
import { checkSqliteOptions, type SqliteStorageOptions } from './sqlite-storage.options.js';

/**
 * Keeps records and summaries in an SQLite file of its own. It needs the package `better-sqlite3`,
 * and no other.
 *
 * @example
 * new SqliteStorage({ database: 'data/usage.sqlite', hooks: [sumRoutes, sumStatuses] });
 *
 * @publicApi
 */
export class SqliteStorage implements UsageStorage {
  readonly name: string;
  private opened: EmbeddedStorage | null = null;

  /** @throws {TypeError} for options that name no file. */
  constructor(readonly options: SqliteStorageOptions = {}) {
    checkSqliteOptions(options);
    this.name = options.name ?? 'sqlite';
  }

  async open(context: UsageStorageContext): Promise<void> {
    // Loaded only here: who uses another storage does not pay for it at the start.
    const { EmbeddedStorage } = await import('./embedded.storage.js');
    const storage = new EmbeddedStorage(this.name, this.options);
    await storage.open(context);
    this.opened = storage;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.close();
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    return this.use().store(records);
  }

  storeSync(records: readonly UsageRecord[]): void {
    this.use().storeSync(records);
  }

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    return this.use().getUsage(query);
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    return this.use().countUsage(filter);
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    yield* this.use().streamUsage(filter);
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    return this.use().getSum(dimension, query);
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    return this.use().rebuildSummaries(range);
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    return this.use().verifySummaries(range);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    return this.use().prune(before);
  }

  async forget(subject: UsageSubject): Promise<number> {
    return this.use().forget(subject);
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return this.use().dailySalt(day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    return this.use().forgetDailySalts(before);
  }

  private use(): EmbeddedStorage {
    if (this.opened) return this.opened;
    throw new Error(`The storage ${this.name} is not open.`);
  }
}
