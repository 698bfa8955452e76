// An outage of the storage with many records: all are stored afterwards, and the process takes
// hardly more memory than one that has stored 60,000 and rests.
//   node scripts/kills/outage.mjs [records, default 1000000]
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MEBIBYTE = 1024 * 1024;
const MOST_ADDED = 100 * MEBIBYTE;
const RESTING = 60_000;

if (process.send) await writer(JSON.parse(process.argv[2]));
else await measure(Number(process.argv[2] ?? 1_000_000));

async function measure(records) {
  const resting = await result({ records: RESTING, isDown: false });
  const outage = await result({ records, isDown: true });
  const added = outage.peak - resting.rss;
  console.log(
    `outage of ${records} records: all stored in ${outage.seconds.toFixed(0)} s, ` +
      `${(outage.bytes / records).toFixed(0)} bytes each in the journal; peak RSS ` +
      `${(outage.peak / MEBIBYTE).toFixed(0)} MiB, ${(added / MEBIBYTE).toFixed(0)} MiB over ` +
      `the ${(resting.rss / MEBIBYTE).toFixed(0)} MiB of one that has stored ${RESTING} and rests`,
  );
  assert.equal(outage.stored, records);
  assert.ok(added < MOST_ADDED, `${added} bytes more`);
}

async function result(settings) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(settings)]);
  const [message] = await once(child, 'message');
  await once(child, 'exit');
  return message;
}

/** A process that records, on what is built. */
async function writer({ records, isDown }) {
  const { SqliteStorage, sumRoutes, DEFAULT_DELIVERY_OPTIONS } = await import('nestjs-track-usage');
  const { makeRecord } = await import('nestjs-track-usage/testing');
  const { Delivery } = await import('../../dist/delivery/index.js');
  const { openJournal } = await import('../../dist/delivery/journal/open-journal.js');
  const folder = mkdtempSync(join(tmpdir(), 'track-usage-outage-'));
  const storage = new SqliteStorage({ database: join(folder, 'usage.sqlite'), hooks: [sumRoutes] });
  const logger = { log() {}, warn() {}, error: console.error };
  await storage.open({ logger, summaries: [sumRoutes], timeZone: 'UTC', maxKeys: 10_000 });
  const store = storage.store.bind(storage);
  let down = isDown;
  storage.store = async (batch) => {
    if (down) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    await store(batch);
  };
  const targets = [{ storage, options: DEFAULT_DELIVERY_OPTIONS, hooks: [] }];
  const journal = await openJournal({ directory: join(folder, 'journal') }, targets, null, logger);
  const listener = { recordStored() {}, batchStored() {} };
  const delivery = new Delivery(targets, logger, listener, journal);
  delivery.replay();
  const began = performance.now();
  for (let at = 0; at < records; at++) {
    delivery.record(makeRecord(), null);
    if (at % 50 === 49) await turn();
  }
  await turn();
  const { bytes } = delivery.journalStats();
  down = false;
  await delivery.flush(1_800_000);
  const seconds = (performance.now() - began) / 1000;
  const { stored } = delivery.stats().sqlite;
  assert.equal(await storage.countUsage(), stored);
  // At rest, what it needs no more is given back.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const peak = process.resourceUsage().maxRSS * 1024;
  process.send({ stored, bytes, seconds, peak, rss: process.memoryUsage.rss() });
  await delivery.shutdown();
  rmSync(folder, { recursive: true, force: true });
  process.disconnect();
}
