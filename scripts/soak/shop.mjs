// The application under load: SQLite with summaries, one call in a hundred of its storage failing,
// half of those after the batch is stored.
import { setImmediate } from 'node:timers/promises';
import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  sumBasic,
  sumRoutes,
  sumStatuses,
  TrackUsage,
  TrackUsageModule,
  UsageService,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';

const [database] = process.argv.slice(2);
const FAILING = 0.01;

class FailingStorage extends SqlStorage {
  async store(records) {
    const luck = Math.random();
    if (luck < FAILING / 2) throw new Error('refused before anything was stored');
    await super.store(records);
    if (luck > 1 - FAILING / 2) throw new Error('the answer was lost');
  }
}

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

let hooked = 0;
const storage = new FailingStorage({
  database,
  // Small, so that many calls are made and enough of them fail.
  batchSize: 50,
  hooks: [sumBasic, sumRoutes, sumStatuses, () => void hooked++],
});
class AppModule {}
Module({
  imports: [TrackUsageModule.forRoot({ storages: [storage] })],
  controllers: [CatsController],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const usage = app.get(UsageService);
const server = app.getHttpServer();

process.on('message', async (question) => {
  process.send(await answers[question]());
  if (question === 'end') process.disconnect();
});
process.send({ url: await app.getUrl() });

const answers = {
  async sample() {
    await usage.flush();
    // What was promised to be done is done in the turns after it.
    for (let turn = 0; turn < 3; turn++) {
      await setImmediate();
      globalThis.gc();
    }
    return {
      heap: process.memoryUsage().heapUsed,
      handles: countsOf(process.getActiveResourcesInfo().filter((name) => name !== 'Immediate')),
      listeners: { ...listenersOf('process', process), ...listenersOf('server', server) },
    };
  },
  async end() {
    await usage.flush({ timeout: 60_000 });
    const stats = usage.stats().storages.sql;
    const sums = await usage.getSum('route');
    const result = {
      stats,
      hooked,
      records: await usage.countUsage(),
      hits: sums.month.reduce((total, sum) => total + sum.hits, 0),
      differences: (await storage.verifySummaries()).length,
    };
    await app.close();
    return result;
  },
};

function countsOf(names) {
  const counts = {};
  for (const name of names.sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function listenersOf(name, emitter) {
  return Object.fromEntries(
    emitter.eventNames().map((event) => [`${name} ${String(event)}`, emitter.listenerCount(event)]),
  );
}
