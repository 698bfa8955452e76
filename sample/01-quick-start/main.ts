import { NestFactory } from '@nestjs/core';
import { ShopModule } from './shop.module.js';

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`The shop listens on ${url}

  curl ${url}/products?search=tea     is tracked
  curl ${url}/products/2              is tracked, with its price
  curl ${url}/products/health         is not
  curl ${url}/latest                  shows the latest records
  curl ${url}/latest/routes           shows the sums by route

The page that shows who uses it is ${url}/usage

The records are in track-usage.sqlite and outlive a restart. Ctrl+C stops it.`);
