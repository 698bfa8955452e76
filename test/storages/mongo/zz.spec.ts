import { it } from 'vitest';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from '../../contract/make-record.js';
it('t', async () => {
  const t0 = performance.now(); const lap = (n: string) => console.log(n, Math.round(performance.now() - t0));
  const s = new MongoStorage({ uri: process.env.TRACK_USAGE_TEST_MONGODB_URL!, collection: 'zz', summaryCollection: 'zz_s', hooks: [] });
  await s.open({ logger: { log() {}, warn: console.log, error() {} } as any, summaries: [sumUrls], timeZone: 'UTC', maxKeys: 100 }); lap('open');
  for (let i = 0; i < 5; i++) { await s.store(makeRecords(30)); lap('store'); }
  await s.verifySummaries(); lap('verify');
  await s.rebuildSummaries(); lap('rebuild');
  await s.close(); lap('close');
});
