import { sumBasic, type UsageRecord } from 'nestjs-track-usage';
import { databaseOf, type DatabaseName } from '../databases/index.js';
import type { TableNames } from '../databases/database.js';
import { DEFAULT_HOOKS, openStorage } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';
import { RecordSource } from '../records.js';
import { BusySource } from '../reports/busy-source.js';
import type { WriterSide } from './ingest.js';

/** What one process wrote in one round. */
export interface Written {
  readonly seconds: number;
  /** Microseconds of CPU of this process, all its threads. */
  readonly cpu: number;
}

const [name, side, scratch, text] = process.argv.slice(2) as [
  DatabaseName,
  WriterSide,
  string,
  string,
];
const tables = JSON.parse(text) as TableNames;
const isDefault = side.includes('default');
const withSums = isDefault || side.includes('sums');
const hooks = isDefault ? DEFAULT_HOOKS : withSums ? sumBasic : [];
const database = await databaseOf(name);
const batchSize = database.batchSize ?? 500;
const DAY_MS = 86_400_000;
// The sums of pairs and of consumers need routes and consumers.
const source = isDefault
  ? new BusySource(1_000_000, Date.now() - DAY_MS, Date.now())
  : new RecordSource(7, () => Date.now());

// The storage makes the tables for either side: they are the same.
const storage = await openStorage(database.storage(scratch, tables, hooks), hooks);
const raw = await database.openRaw(scratch, tables);
const write: (batch: UsageRecord[]) => Promise<void> = !side.startsWith('raw')
  ? (batch) => storage.store(batch)
  : side === 'raw-row-by-row'
    ? (batch) => raw.writeRowByRow!(batch, withSums)
    : (batch) => raw.write(batch, withSums);

serveCommands({
  async write(batches: number): Promise<Written> {
    const made = Array.from({ length: batches }, () => source.batch(batchSize));
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (const batch of made) await write(batch);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpu: user + system };
  },
  count: () => raw.count(),
  async close() {
    await raw.close();
    await storage.close?.();
    await database.drop(scratch, tables);
  },
});
