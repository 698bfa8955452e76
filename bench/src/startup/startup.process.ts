import 'reflect-metadata';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryStorage, TrackUsageModule } from 'nestjs-track-usage';

/** What a start has taken. */
export interface StartTaken {
  /** Milliseconds until the server listens. */
  readonly wall: number;
  /** Milliseconds of CPU until then, of all threads. */
  readonly cpu: number;
}

const ROUTES_OF_CONTROLLER = 10;

const [kind, count] = process.argv.slice(2);

function controllerOf(index: number): Type {
  const name = `Controller${index}`;
  const made = { [name]: class {} }[name]! as Type;
  for (let at = 0; at < ROUTES_OF_CONTROLLER; at++) {
    const handler: PropertyDescriptor = { value: () => at, writable: true, configurable: true };
    Object.defineProperty(made.prototype, `handler${at}`, handler);
    Get(`${at}/:id`)(made.prototype as object, `handler${at}`, handler);
  }
  Controller(`things/${index}`)(made);
  return made;
}

class AppModule {}
const controllers = Array.from({ length: Number(count) / ROUTES_OF_CONTROLLER }, (_, index) =>
  controllerOf(index),
);
const track = () => TrackUsageModule.forRoot({ mode: 'include', storages: [new MemoryStorage()] });
Module({ imports: kind === 'bare' ? [] : [track()], controllers })(AppModule);

const cpu = process.cpuUsage();
const start = performance.now();
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const wall = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
const taken: StartTaken = { wall, cpu: (user + system) / 1000 };
process.stdout.write(JSON.stringify(taken), () => process.exit(0));
