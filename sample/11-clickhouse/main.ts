import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}, with the ClickHouse of CLICKHOUSE_URL

  curl ${url}/cats/7          is tracked
  curl ${url}/usage           shows the latest records
  curl ${url}/usage/routes    shows the sums by route`);
