import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}

  curl -i ${url}/cats                     gets a cookie
  curl -i -H 'Sec-GPC: 1' ${url}/cats     gets none
  curl ${url}/usage/visitors              shows the hits of each visitor`);
