import 'reflect-metadata';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AddressInfo } from 'node:net';
import { ThreadProfiles } from '../profile/thread-profiles.js';
import { serveCommands } from '../processes/serve-commands.js';
import type { PlatformName } from '../settings.js';
import { CatsController } from './cats.controller.js';
import { usageOf } from './usage.js';
import type { Tally, Variant } from './variant.js';

const [path, platform, scratch] = process.argv.slice(2) as [string, PlatformName, string];
const { variant } = (await import(`../${path}.js`)) as { variant: Variant };

@Module({
  imports: variant.modules?.(scratch) ?? [],
  providers: variant.providers ?? [],
  controllers: [CatsController],
})
class CatsModule {}

const app = await createApp();
await variant.configure?.(app, scratch);
await app.listen(0, '127.0.0.1');
// Whoever is starved of CPU for some seconds shall not lose its connections for it.
(app.getHttpServer() as { keepAliveTimeout: number }).keepAliveTimeout = 0;
const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();

const profiles = new ThreadProfiles();

serveCommands({
  port: () => port,
  usage: usageOf,
  settle: async () => {
    await variant.settle?.(app);
    return usageOf();
  },
  startProfiles: () => profiles.start(),
  stopProfiles: () => profiles.stop(),
  check: async (sent: Tally) => variant.check?.(app, sent, scratch) ?? [],
});

async function createApp(): Promise<INestApplication> {
  const options = { logger: ['error', 'warn'] as ('error' | 'warn')[], abortOnError: false };
  if (platform === 'express') return NestFactory.create(CatsModule, options);
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(CatsModule, new FastifyAdapter(), options);
}
