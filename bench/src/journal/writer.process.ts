import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { SqliteStorage, type UsageRecord } from 'nestjs-track-usage';
import { DEFAULT_HOOKS } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';
import { RecordSource } from '../records.js';
import type { JournalRound } from './journal.js';

const [side, scratch] = process.argv.slice(2) as ['with' | 'without', string];
/** Requests that one turn of the event loop records under load. */
const RECORDS_OF_TURN = 10;

// Requests cannot come fast enough for what is measured here: records are given to what gets them
// from capture, which is no part of the public API.
const built = (path: string) => import(new URL(`../../../dist/${path}`, import.meta.url).href);
const { Delivery } = await built('delivery/index.js');
const { openJournal } = await built('delivery/journal/open-journal.js');
const { DEFAULT_DELIVERY_OPTIONS } = await built('storages/contract/delivery-options.js');

const logger = { log() {}, warn: console.error, error: console.error };
const storage = new SqliteStorage({
  database: join(scratch, `${side}.sqlite`),
  hooks: DEFAULT_HOOKS,
});
await storage.open({ logger, summaries: DEFAULT_HOOKS, timeZone: 'UTC', maxKeys: 10_000 });
const options = { ...DEFAULT_DELIVERY_OPTIONS, maxPending: 100_000 };
const targets = [{ storage, options, hooks: [] }];
const directory = join(scratch, `${side}.journal`);
const journal = side === 'with' ? await openJournal({ directory }, targets, null, logger) : null;
const listener = { recordStored() {}, batchStored() {} };
const delivery = new Delivery(targets, logger, listener, journal);
delivery.replay();
const source = new RecordSource(7, () => Date.now());

serveCommands({
  async write(records: number): Promise<JournalRound> {
    const made: UsageRecord[] = source.batch(records);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    for (let at = 0; at < made.length; at++) {
      delivery.record(made[at], null);
      if (at % RECORDS_OF_TURN === RECORDS_OF_TURN - 1) await turn();
    }
    await delivery.flush(600_000);
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { recordsPerSecond: records / seconds, cpu: (user + system) / records };
  },
  /** Bytes that a waiting record takes. */
  async bytes(records: number): Promise<number | null> {
    if (journal === null) return null;
    for (const record of source.batch(records)) delivery.record(record, null);
    await Promise.resolve();
    const { bytes, memoryOnly } = delivery.journalStats();
    await delivery.flush(600_000);
    return memoryOnly === 0 ? bytes / records : null;
  },
  count: () => storage.countUsage(),
  close: () => delivery.shutdown(),
});
