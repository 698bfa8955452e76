import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}

  curl -H 'x-api-key: acme-0123456789abcdef' ${url}/cats/maru     is counted for acme
  curl -H 'x-api-key: globex-0123456789abcdef' ${url}/cats/maru   is counted for globex
  curl -H 'x-api-key: acme-0123456789abcdef' ${url}/my-usage      shows what acme did`);
