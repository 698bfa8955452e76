import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}

  curl ${url}/cats/7          goes to all three storages
  curl ${url}/cats/secret     goes to the audit alone
  curl ${url}/cats/broken     raises an alert
  curl ${url}/usage/sql       shows the records in shop.sqlite
  curl ${url}/usage/audit     shows those in memory
  curl ${url}/usage/alerts    shows what the hook and the events saw
  curl ${url}/usage/stats     shows what has become of every record`);
