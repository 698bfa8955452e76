// A CommonJS application with no optional package: it requires the library, and keeps its records
// in memory.
'use strict';
require('reflect-metadata');
const assert = require('node:assert/strict');
const { Controller, Get, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { MemoryStorage, TrackUsage, TrackUsageModule, UsageService } = require('nestjs-track-usage');

class CatsController {
  findAll() {
    return [];
  }
}
const findAll = Object.getOwnPropertyDescriptor(CatsController.prototype, 'findAll');
Get()(CatsController.prototype, 'findAll', findAll);
Controller('cats')(CatsController);
TrackUsage()(CatsController);

const options = { logger: false, abortOnError: false };

function moduleWith(trackUsage) {
  class AppModule {}
  Module({ imports: [trackUsage], controllers: [CatsController] })(AppModule);
  return AppModule;
}

async function main() {
  const storages = [new MemoryStorage()];
  const app = await NestFactory.create(moduleWith(TrackUsageModule.forRoot({ storages })), options);
  await app.listen(0, '127.0.0.1');
  await (await fetch(`${await app.getUrl()}/cats`)).text();
  const usage = app.get(UsageService);
  await usage.flush();
  const [record] = await usage.getUsage();
  await app.close();
  assert.equal(record.route, '/cats');

  // Without options the embedded SQLite is asked for, and cannot be had here.
  await assert.rejects(
    NestFactory.create(moduleWith(TrackUsageModule.forRoot()), options),
    /npm install typeorm better-sqlite3/,
  );
  console.log(JSON.stringify({ records: 1, route: record.route }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
