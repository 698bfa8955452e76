import type { UsageHook, UsageStorage } from 'nestjs-track-usage';
import type { Database } from '../databases/database.js';
import { DEFAULT_HOOKS, openStorage } from '../open-storage.js';
import { BusySource } from '../reports/busy-source.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';

export interface SizesResult {
  readonly title: string;
  /** Records that were stored. */
  readonly size: number;
  /** Bytes a record, of the records and what finds them. */
  readonly records: number;
  /** Bytes a record with the sums that `forRoot()` keeps, of 60 days. */
  readonly withSums: number;
}

const DAY_MS = 86_400_000;
const BATCH_SIZE = 5000;

/** Stores the records of 60 days of a busy application, and asks the database for its bytes. */
export async function measureSizes(
  name: string,
  database: Database,
  { sizes }: Settings,
): Promise<SizesResult> {
  const size = Math.min(Math.max(...sizes), database.mostRecords ?? Infinity);
  const records = await bytesOf(name, database, [], size);
  const withSums = await bytesOf(name, database, DEFAULT_HOOKS, size);
  return { title: database.title, size, records: records / size, withSums: withSums / size };
}

async function bytesOf(
  name: string,
  database: Database,
  hooks: readonly UsageHook[],
  size: number,
): Promise<number> {
  return withScratch(async (scratch) => {
    const suffix = `sizes_${hooks.length}_${process.pid}`;
    const tables = { recordTable: `bench_records_${suffix}`, summaryTable: `bench_sums_${suffix}` };
    const storage = await openStorage(database.storage(scratch, tables, hooks), hooks);
    try {
      const now = Date.now();
      const source = new BusySource(size, now - 60 * DAY_MS, now);
      while (source.left > 0) await storage.store(source.batch(BATCH_SIZE));
      await database.settle?.(storage, tables);
      const bytes = (await database.bytes?.(tables)) ?? (await healthOf(storage));
      console.log(
        `sizes ${name}: ${(bytes / size).toFixed(0)} bytes a record, ${hooks.length} sums`,
      );
      return bytes;
    } finally {
      await storage.close?.();
      await database.drop(scratch, tables);
    }
  });
}

async function healthOf(storage: UsageStorage): Promise<number> {
  const own = storage as { health?(): Promise<{ bytes: number | null }> };
  const { bytes } = (await own.health?.()) ?? { bytes: null };
  if (bytes === null) throw new Error(`${storage.name} does not say how many bytes it takes.`);
  return bytes;
}
