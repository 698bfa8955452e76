import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = await app.getUrl();
console.log(`Listening on ${url}, with the Redis of REDIS_URL

  curl ${url}/cats/7          is tracked
  curl ${url}/usage           shows the latest records
  curl ${url}/usage/routes    shows the sums by route`);
