// A small application as a user would install it, in plain JavaScript so that nothing but the
// packed library and Nest stands between it and Node. Prints one line of JSON: what it recorded.
//   node shop.mjs <express|fastify> <requests to make>
import assert from 'node:assert/strict';
import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TrackUsage, TrackUsageModule, UsageService } from 'nestjs-track-usage';

const [platform, requests] = process.argv.slice(2);

class CatsController {
  findOne(id) {
    return { id };
  }
}
const findOne = Object.getOwnPropertyDescriptor(CatsController.prototype, 'findOne');
Param('id')(CatsController.prototype, 'findOne', 0);
Get(':id')(CatsController.prototype, 'findOne', findOne);
Controller('cats')(CatsController);
TrackUsage()(CatsController);

class AppModule {}
Module({ imports: [TrackUsageModule.forRoot()], controllers: [CatsController] })(AppModule);

const options = { logger: ['error', 'warn'], abortOnError: false };
const app =
  platform === 'fastify'
    ? await NestFactory.create(
        AppModule,
        new (await import('@nestjs/platform-fastify')).FastifyAdapter(),
        options,
      )
    : await NestFactory.create(AppModule, options);
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
for (let number = 0; number < Number(requests); number++) {
  const response = await fetch(`${url}/cats/${number}?q=${number}`);
  assert.equal(response.status, 200);
  await response.text();
}
const usage = app.get(UsageService);
assert.equal(await usage.flush(), true);
const records = await usage.getUsage();
const sums = await usage.getSum('route');
await app.close();
console.log(
  JSON.stringify({
    records: records.length,
    latest: records[0]?.viewArgs,
    route: records[0]?.route,
    hits: sums.month.reduce((total, sum) => total + sum.hits, 0),
  }),
);
