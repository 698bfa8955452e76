import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import type { INestApplication, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** One of the HTTP frameworks under Nest that every behaviour is shown on. */
export interface TestPlatform {
  readonly name: string;
  readonly adapter: () => AbstractHttpAdapter;
}

export const platforms: readonly TestPlatform[] = [
  { name: 'Express', adapter: () => new ExpressAdapter() as AbstractHttpAdapter },
  { name: 'Fastify', adapter: () => new FastifyAdapter() },
];

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** Starts an application on a free port of the loopback interface. */
export async function startApp(
  module: Type,
  platform: TestPlatform,
  configure: (app: INestApplication) => void = () => undefined,
): Promise<RunningApp> {
  const app = await NestFactory.create(module, platform.adapter(), {
    logger: false,
    abortOnError: false,
  });
  configure(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
