import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  logger: ['error', 'warn'],
});
// As behind a proxy on this machine, whose word on the client's address is taken.
app.set('trust proxy', 'loopback');
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}

  curl -H 'X-Forwarded-For: 130.59.31.80' ${url}/cats    comes from Switzerland
  curl ${url}/usage                                      shows the latest records
  curl ${url}/usage/countries                            shows the sums by country`);
