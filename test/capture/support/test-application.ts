import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AddressInfo, Server } from 'node:net';
import type { CaptureOptions } from 'nestjs-track-usage';
import { RequestCapture, type CapturedRequest } from '../../../lib/capture/index.js';
import { moduleOf } from '../../support/applications.js';
import { CaptureModule } from './capture-module.js';
import { RawClient } from './raw-client.js';
import type { AdapterKind, Scenario } from './scenario.js';
import { Signals } from './signals.js';

/** A running application of a scenario. */
export class TestApplication {
  private constructor(
    readonly app: INestApplication,
    readonly records: CapturedRequest[],
    readonly port: number,
  ) {}

  /** @param options How requests are captured; null: an application without tracking. */
  static async start(
    scenario: Omit<Scenario, 'cases' | 'title'>,
    kind: AdapterKind,
    options: CaptureOptions | null,
  ): Promise<TestApplication> {
    const records: CapturedRequest[] = [];
    const capture =
      options &&
      CaptureModule.into((record) => records.push(record), {
        ...scenario.options,
        ...options,
      });
    const app = await NestFactory.create(
      rootModule(scenario, kind, capture),
      newAdapter(kind, scenario),
      { logger: false, abortOnError: false, ...scenario.application },
    );
    await scenario.prepare?.(app, kind);
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    return new TestApplication(app, records, port);
  }

  get signals(): Signals {
    return this.app.get(Signals);
  }

  client(host?: string): RawClient {
    return new RawClient(this.port, this.signals, host);
  }

  /** All that was recorded, once no request is under way; then forgotten. */
  async taken(): Promise<CapturedRequest[]> {
    await this.app.get(RequestCapture).settled(10_000);
    return this.records.splice(0);
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

class SignalsModule {}

function newAdapter(
  kind: AdapterKind,
  { fastify }: Pick<Scenario, 'fastify'>,
): AbstractHttpAdapter {
  return kind === 'express' ? new ExpressAdapter() : new FastifyAdapter(fastify ?? {});
}

function rootModule(
  { imports, controllers, providers }: Pick<Scenario, 'imports' | 'controllers' | 'providers'>,
  kind: AdapterKind,
  capture: DynamicModule | null,
): Type {
  const forKind = <T>(value: T | ((kind: AdapterKind) => T)) =>
    typeof value === 'function' ? (value as (kind: AdapterKind) => T)(kind) : value;

  return moduleOf({
    track: null,
    imports: [
      { module: SignalsModule, global: true, providers: [Signals], exports: [Signals] },
      ...(imports ? imports(capture, kind) : capture ? [capture] : []),
    ],
    controllers: forKind(controllers) ?? [],
    providers: forKind(providers) ?? [],
  });
}
