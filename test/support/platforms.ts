import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import type { INestApplication, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** One of the HTTP frameworks under Nest that every behaviour is shown on. */
export interface TestPlatform {
  readonly name: string;
  /** @param trustProxy Whether it believes what a proxy says of the client. Default: no. */
  readonly adapter: (trustProxy?: boolean) => AbstractHttpAdapter;
}

export const platforms: readonly TestPlatform[] = [
  { name: 'Express', adapter: newExpress },
  { name: 'Fastify', adapter: (trustProxy = false) => new FastifyAdapter({ trustProxy }) },
];

function newExpress(trustProxy = false): AbstractHttpAdapter {
  const adapter = new ExpressAdapter();
  if (trustProxy) adapter.set('trust proxy', true);
  return adapter as AbstractHttpAdapter;
}

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** Starts an application on a free port of the loopback interface. */
export async function startApp(
  module: Type,
  platform: TestPlatform,
  configure: (app: INestApplication) => unknown = () => undefined,
): Promise<RunningApp> {
  const app = await NestFactory.create(module, platform.adapter(), {
    logger: false,
    abortOnError: false,
  });
  await configure(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
