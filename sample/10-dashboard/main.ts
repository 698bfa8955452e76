import { NestFactory } from '@nestjs/core';
import { UsageService, UsageStorage, type UsageRecord } from 'nestjs-track-usage';
import { ShopModule } from './shop.module.js';
import { shopTraffic } from './shop-traffic.js';

const DAYS = Number(process.env.DEMO_DAYS ?? 62);
const BATCH = 2000;

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();

const storage = app.get<{ store(records: readonly UsageRecord[]): Promise<void> }>(UsageStorage);
if ((await app.get(UsageService).getUsage({ limit: 1 })).length === 0) {
  console.log(`Making the traffic of ${DAYS} days …`);
  const batch: UsageRecord[] = [];
  for (const record of shopTraffic(DAYS, Date.now())) {
    batch.push(record);
    if (batch.length === BATCH) await storage.store(batch.splice(0));
  }
  await storage.store(batch);
}

console.log(`The shop's usage: ${url}/usage

The records are in track-usage-demo.sqlite; without the file, they are made anew. Ctrl+C stops it.`);

// Some more keep coming, as real requests.
const PATHS = [
  '/products',
  '/products/7',
  '/products/12',
  '/products/999',
  '/search?q=cup',
  '/cart',
];
const CALLERS = [
  ['web-shop', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36'],
  ['app-ios', 'MyShop/4.12.0 (iPhone) Alamofire/5.9.1'],
  ['acme', 'AcmeSDK/3.4.0'],
] as const;
let turn = 0;
const coming = setInterval(() => {
  const [consumer, agent] = CALLERS[turn % CALLERS.length]!;
  const path = PATHS[(turn * 5) % PATHS.length]!;
  turn++;
  fetch(url + path, { headers: { 'x-consumer': consumer, 'user-agent': agent } })
    .then((response) => response.arrayBuffer())
    .catch(() => undefined);
}, 700);
process.once('SIGINT', () => clearInterval(coming)).once('SIGTERM', () => clearInterval(coming));
