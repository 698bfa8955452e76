import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { UsageService } from 'nestjs-track-usage';
import { fillShop } from './fill-shop.js';
import { ShopModule } from './shop.module.js';

const DAYS = Number(process.env.DEMO_DAYS ?? 70);

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
app.enableVersioning({ type: VersioningType.URI });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();

if ((await app.get(UsageService).getUsage({ limit: 1 })).length === 0) {
  console.log(`Making the traffic of ${DAYS} days …`);
  await fillShop(app, DAYS);
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
}, 2000);
process.once('SIGINT', () => clearInterval(coming)).once('SIGTERM', () => clearInterval(coming));
