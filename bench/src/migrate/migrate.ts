import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sumRoutes, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { openStorage } from '../open-storage.js';
import { RecordSource } from '../records.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import { percentile } from '../statistics.js';
import { multiply, query } from './fill.js';
import { Released } from './released.js';

export const SQL_DATABASES = ['sqlite', 'postgres', 'mariadb', 'mysql'] as const;
export type SqlDatabase = (typeof SQL_DATABASES)[number];

export interface MigrateResult {
  readonly database: SqlDatabase;
  readonly size: number;
  readonly openSeconds: number;
  /** From the beginning of `open()` on; null where none were missing. */
  readonly indexSeconds: number | null;
  /** Of the times between two batches that were stored: before, and while tables changed. */
  readonly gapsBefore: Gaps;
  readonly gapsMeanwhile: Gaps;
}

export interface Gaps {
  readonly batches: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

const TEMPLATES = 1000;
const BATCH = 20;
const BATCH_EVERY_MS = 50;
const WATCHED_BEFORE_MS = 10_000;
const LOOK_EVERY_MS = 100;
const TABLES = { recordTable: 'bench_migrate', summaryTable: 'bench_migrate_sums' };
const INDEXES = ['username', 'visitor'];

/**
 * How long those who write are held up, and the start takes, where tables that version 0.1.0 has
 * filled are brought up to date. Two indexes are missing, as they would if a version added them;
 * but not on SQLite, where none is made beside those who write.
 */
export async function measureMigrate(
  database: SqlDatabase,
  settings: Settings,
): Promise<MigrateResult | null> {
  const url = process.env[`TRACK_USAGE_TEST_${database.toUpperCase()}_URL`];
  if (database !== 'sqlite' && !url) {
    console.log(`${database} is left out: it has no address.`);
    return null;
  }
  const size = Math.max(...settings.sizes);
  return withScratch(async (scratch) => {
    const file = join(scratch, 'migrate.sqlite');
    const connection = (
      url ? { type: database, url } : { type: 'better-sqlite3', database: file }
    ) as DataSourceOptions;
    const options: SqlStorageOptions = { ...(url ? { url } : { database: file }), ...TABLES };
    const dataSource = await new DataSource(connection).initialize();
    try {
      await dropTables(dataSource);
      return await measure(database, dataSource, options, size);
    } finally {
      await dropTables(dataSource);
      await dataSource.destroy();
    }
  });
}

async function measure(
  database: SqlDatabase,
  dataSource: DataSource,
  options: SqlStorageOptions,
  size: number,
): Promise<MigrateResult> {
  const records = new RecordSource(1, () => Date.now());
  const released = await Released.start(options);
  await released.store(records.batch(TEMPLATES));
  const isMissing = database !== 'sqlite';
  if (isMissing) await dropIndexes(dataSource);
  const began = performance.now();
  await multiply(dataSource, TABLES.recordTable, size);
  console.log(`migrate ${database}: ${size} records in ${seconds(began).toFixed(0)} s`);

  const writer = new Writer(released, records);
  await delay(WATCHED_BEFORE_MS);
  const gapsBefore = writer.gaps();
  const opening = performance.now();
  const hooks = [sumRoutes, sumStatuses];
  const storage = await openStorage(new SqlStorage({ ...options, hooks }), hooks);
  const openSeconds = seconds(opening);
  while (isMissing && !(await isNoted(dataSource))) await delay(LOOK_EVERY_MS);
  const indexSeconds = isMissing ? seconds(opening) : null;
  await delay(LOOK_EVERY_MS * 10);
  const gapsMeanwhile = writer.gaps();
  await writer.stop();
  await storage.close();
  await released.end();
  const result = { database, size, openSeconds, indexSeconds, gapsBefore, gapsMeanwhile };
  console.log(`migrate ${database}: ${JSON.stringify(result)}`);
  return result;
}

/** Stores a batch at a fixed rate, by the older version, until it is stopped. */
class Writer {
  private stored: number[] = [];
  private isStopped = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly released: Released,
    private readonly records: RecordSource,
  ) {
    this.done = this.write();
  }

  /** Those since it was asked last. */
  gaps(): Gaps {
    const { stored } = this;
    // One that is still waited for counts as far as it has come.
    const gaps = [...stored.slice(1), performance.now()].map((at, index) => at - stored[index]!);
    this.stored = stored.slice(-1);
    return {
      batches: gaps.length,
      medianMs: percentile(gaps, 50),
      longestMs: Math.max(...gaps),
    };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  private async write(): Promise<void> {
    while (!this.isStopped) {
      const due = delay(BATCH_EVERY_MS);
      await this.released.store(this.records.batch(BATCH));
      this.stored.push(performance.now());
      await due;
    }
  }
}

async function isNoted(dataSource: DataSource): Promise<boolean> {
  const sql = `select name from ${TABLES.recordTable}_migrations where name like 'Index%'`;
  return (await query(dataSource, sql)).length > 0;
}

async function dropIndexes(dataSource: DataSource): Promise<void> {
  const { recordTable } = TABLES;
  const on = dataSource.options.type === 'postgres' ? '' : ` on ${recordTable}`;
  for (const index of INDEXES) await query(dataSource, `drop index ${recordTable}_${index}${on}`);
  await query(dataSource, `delete from ${recordTable}_migrations where name like 'Index%'`);
}

async function dropTables(dataSource: DataSource): Promise<void> {
  const { recordTable, summaryTable } = TABLES;
  for (const table of [
    recordTable,
    summaryTable,
    `${summaryTable}_buckets`,
    `${recordTable}_migrations`,
    `${recordTable}_salts`,
    `${recordTable}_notes`,
  ])
    await query(dataSource, `drop table if exists ${table}`);
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}
