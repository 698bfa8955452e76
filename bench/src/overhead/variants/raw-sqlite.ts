import { sumBasic, type UsageRecord } from 'nestjs-track-usage';
import type { RawSide } from '../../databases/database.js';
import { database } from '../../databases/sqlite.js';
import { openStorage } from '../../open-storage.js';
import { idOf, RecordSource } from '../../records.js';
import type { Variant } from '../variant.js';

const BATCH_SIZE = 500;
const TABLES = { recordTable: 'usage_records', summaryTable: 'usage_summaries' };

// Records made beforehand: of a request nothing is read, it only counts.
const source = new RecordSource(7, () => Date.now());
const batch = source.batch(BATCH_SIZE) as { -readonly [K in keyof UsageRecord]: UsageRecord[K] }[];

let raw: RawSide;
let waiting = 0;

async function write(size: number): Promise<void> {
  waiting -= size;
  const now = Date.now();
  const records = batch.slice(0, size);
  for (const record of records) {
    record.id = idOf(now);
    record.date = new Date(now);
  }
  await raw.writeRowByRow!(records, true);
}

/** Storing as one would write it by hand, with nothing captured. */
export const variant: Variant = {
  title: 'better-sqlite3 by hand',
  keeps: 'rows and sums of as many columns, made beforehand: nothing of the request',
  async configure(app, scratch) {
    const storage = await openStorage(database.storage(scratch, TABLES, sumBasic), sumBasic);
    await storage.close?.();
    raw = await database.openRaw(scratch, TABLES);
    app.useGlobalInterceptors({
      intercept(_context, next) {
        if (++waiting === BATCH_SIZE) void write(BATCH_SIZE);
        return next.handle();
      },
    });
  },
  async settle() {
    if (waiting > 0) await write(waiting);
  },
  async check(_app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const stored = await raw.count();
    return stored === total ? [] : [`of ${total} requests ${stored} were stored`];
  },
};
