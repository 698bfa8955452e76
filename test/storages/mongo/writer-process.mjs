// A process that is killed while it writes: opens its storage, says so, and stores all records in
// small batches, from the first one on, as one that has forgotten what it had stored.
import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { TIMING_MS } from '../../../dist/storages/mongo/batches/journal-entry.js';

const { options, batchSize } = JSON.parse(process.argv[2]);
TIMING_MS.lease = 200;
const storage = new MongoStorage(options);
await storage.open({
  logger: { log() {}, warn: console.error, error: console.error },
  summaries: [sumUrls, sumStatuses],
  timeZone: 'UTC',
  maxKeys: 1000,
});
const text = await new Promise((resolve) => {
  process.once('message', resolve);
  process.send('open');
});
const records = JSON.parse(text, (name, value) => (name === 'date' ? new Date(value) : value));
for (let at = 0; at < records.length; at += batchSize) {
  await storage.store(records.slice(at, at + batchSize));
  process.send('stored');
}
await storage.close();
process.disconnect();
