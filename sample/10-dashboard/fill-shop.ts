import type { INestApplicationContext } from '@nestjs/common';
import { UsageService, UsageStorage, type UsageRecord } from 'nestjs-track-usage';
import { shopTraffic } from './shop-traffic.js';

const BATCH = 2000;
const DAY = 86_400_000;

/** Stores the made traffic of some days, and lets the shop's routes look as old as that of a shop. */
export async function fillShop(app: INestApplicationContext, days: number): Promise<void> {
  const storage = app.get<UsageStorage>(UsageStorage);
  const batch: UsageRecord[] = [];
  for (const record of shopTraffic(days, Date.now())) {
    batch.push(record);
    if (batch.length === BATCH) await storage.store(batch.splice(0));
  }
  await storage.store(batch);
  // The storage knows the routes by now.
  await app.get(UsageService).routes();
  await watchedFor(180, storage);
}

/**
 * Lets the storage believe that the routes have been declared for some days. An application waits for
 * them: only then is a route without a call unused.
 */
async function watchedFor(days: number, storage: UsageStorage): Promise<void> {
  const since = Date.now() - days * DAY;
  const notes = await storage.readNotes?.('routes');
  for (const name of notes?.keys() ?? [])
    await storage.changeNote?.('routes', name, (text) =>
      (text ?? '').replaceAll(/"observedSince":\d+/g, `"observedSince":${since}`),
    );
}
