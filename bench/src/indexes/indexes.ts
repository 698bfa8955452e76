import { databaseOf } from '../databases/index.js';
import { openStorage } from '../open-storage.js';
import { BusySource } from '../reports/busy-source.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import { INDEXED_FIELDS, type IndexedField } from './indexed-table.js';
import { openTable, type IndexedDatabase } from './open-table.js';

export interface IndexesResult {
  readonly title: string;
  /** Records in each table. */
  readonly size: number;
  readonly indexes: readonly IndexCost[];
}

export interface IndexCost {
  readonly field: IndexedField;
  readonly bytesPerRecord: number;
  /** Milliseconds of each batch, in pairs. */
  readonly without: readonly number[];
  readonly with: readonly number[];
}

const BATCH_SIZE = 500;
const DAY_MS = 86_400_000;
/** Of the smallest of `--sizes`. */
const MOST = 100_000;

/** What an index of each field that people filter by costs: in bytes, and while storing. */
export async function measureIndexes(
  name: IndexedDatabase,
  settings: Settings,
): Promise<IndexesResult> {
  const { title } = await databaseOf(name);
  const size = Math.min(...settings.sizes, MOST);
  const indexes: IndexCost[] = [];
  for (const field of Object.keys(INDEXED_FIELDS) as IndexedField[]) {
    indexes.push(await costOf(name, field, size));
    const { bytesPerRecord } = indexes.at(-1)!;
    console.log(`indexes ${name}: ${field}: ${bytesPerRecord.toFixed(0)} bytes a record`);
  }
  return { title, size, indexes };
}

async function costOf(
  name: IndexedDatabase,
  field: IndexedField,
  size: number,
): Promise<IndexCost> {
  const database = await databaseOf(name);
  return withScratch(async (scratch) => {
    const open = async (side: string) => {
      const suffix = `${side}_${field.toLowerCase()}_${process.pid}`;
      const tables = {
        recordTable: `bench_records_${suffix}`,
        summaryTable: `bench_sums_${suffix}`,
      };
      const storage = await openStorage(database.storage(scratch, tables, []), []);
      const table = await openTable(name, scratch, tables.recordTable);
      await table.dropOwn(field);
      if (side === 'with') await table.create(field);
      const source = new BusySource(size, Date.now() - DAY_MS, Date.now());
      const raw = await database.openRaw(scratch, tables);
      return { tables, storage, table, source, raw, times: [] as number[] };
    };
    const sides = [await open('without'), await open('with')];
    try {
      while (sides[0]!.source.left > 0)
        for (const { source, raw, times } of sides) {
          const batch = source.batch(BATCH_SIZE);
          const start = performance.now();
          await raw.write(batch, false);
          times.push(performance.now() - start);
        }
      const [without, indexed] = sides.map(({ times }) => times);
      const bytesPerRecord = (await sides[1]!.table.bytes()) / size;
      return { field, bytesPerRecord, without: without!, with: indexed! };
    } finally {
      for (const { tables, storage, table, raw } of sides) {
        await raw.close();
        await table.close();
        await storage.close?.();
        await database.drop(scratch, tables);
      }
    }
  });
}
