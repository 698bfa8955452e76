import { Controller, Get, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import express from 'express';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestCapture, type CapturedRequest } from '../../lib/capture/index.js';
import { moduleOf } from '../support/applications.js';
import { CaptureModule } from './support/capture-module.js';
import { requestText } from './support/http-text.js';
import { RawClient } from './support/raw-client.js';
import { ADAPTERS, type AdapterKind } from './support/scenario.js';
import { Signals } from './support/signals.js';

@Controller('cats')
class Cats {
  @Get(':id') one() {
    return 'one cat';
  }
  @Post() add() {
    return 'added';
  }
}

const SLOWNESS_MS = 5;

/** Lets time pass before any guard or handler. */
function slowly(_request: unknown, _response: unknown, next: () => void): void {
  const until = performance.now() + SLOWNESS_MS;
  while (performance.now() < until);
  next();
}

let records: CapturedRequest[];
let app: INestApplication;
let opened: Server[];

async function start(kind: AdapterKind): Promise<void> {
  const capture = CaptureModule.into((record) => records.push(record), { mode: 'include' });
  const Root = moduleOf({ track: null, imports: [capture], controllers: [Cats] });
  const adapter = kind === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  app = await NestFactory.create(Root, adapter as ExpressAdapter, { logger: false });
  app.use(slowly);
  app.use('/middleware', (_: unknown, response: ServerResponse) => response.end('answered'));
}

beforeEach(() => {
  records = [];
  opened = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of opened) server.close();
  await app.close();
});

async function open(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  opened.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** Asks for what a handler answers, and for what never gets to one. */
async function expectAllSeen(port: number, host = '127.0.0.1', prefix = ''): Promise<void> {
  const client = new RawClient(port, new Signals(), host);
  const before = Date.now();
  await client.exchange(requestText(`GET ${prefix}/cats/7?a=1`));
  await client.exchange(requestText(`GET ${prefix}/nowhere`));
  await client.exchange(requestText(`GET ${prefix}/middleware`));
  await client.exchange(requestText(`POST ${prefix}/cats`, JSON_BODY, '{"half":'));
  await client.exchange(requestText(`GET ${prefix}/%zz`));
  const after = Date.now();
  await app.get(RequestCapture).settled(10_000);
  const url = `http://shop.example${prefix}`;
  const all = { outcome: 'completed' };
  expect(records).toMatchObject([
    { ...all, url: `${url}/cats/7?a=1`, route: '/cats/:id', status: 200, contentLength: 7 },
    { ...all, url: `${url}/nowhere`, route: null, status: 404 },
    { ...all, url: `${url}/middleware`, route: null, status: 200, contentLength: 8 },
    { ...all, url: `${url}/cats`, method: 'POST', status: 400 },
    { ...all, url: `${url}/%zz`, route: null, status: expect.any(Number) },
  ]);
  for (const { date, speed, url: asked } of records) {
    expect(date).toBeGreaterThanOrEqual(before);
    expect(date).toBeLessThanOrEqual(after);
    // Fastify reads the URL before it calls middleware.
    if (!asked.endsWith('%zz')) expect(speed).toBeGreaterThanOrEqual(SLOWNESS_MS * 1000);
  }
  records.length = 0;
}

describe.each(ADAPTERS)('An application on %s sees all from its arrival', (kind) => {
  let listener: RequestListener;
  beforeEach(async () => {
    await start(kind);
    await app.init();
    const instance = app.getHttpAdapter().getInstance();
    if (kind === 'express') {
      listener = instance as RequestListener;
    } else {
      await (instance as { ready(): Promise<void> }).ready();
      listener = (request, response) =>
        (instance as { routing: RequestListener }).routing(request, response);
    }
  });

  it('when other servers call it as a function', async () => {
    const first = await open(listener);
    const second = await open(listener);
    await expectAllSeen(first);
    await expectAllSeen(second);
  });

  it('when it listens itself, and another server calls it too', async () => {
    await app.listen(0, '127.0.0.1');
    await expectAllSeen(((app.getHttpServer() as Server).address() as AddressInfo).port);
    await expectAllSeen(await open(listener));
  });

  // Fastify's middleware cannot take requests of Express.
  it.runIf(kind === 'express')('when it is mounted in an Express application', async () => {
    const parent = express();
    parent.use('/shop', listener);
    await expectAllSeen(await open(parent), '127.0.0.1', '/shop');
  });

  it('when a server passes on to it what it has held back', async () => {
    const port = await open((request, response) => {
      setImmediate(() => listener(request, response));
    });
    await expectAllSeen(port);
  });

  it('when its client had left before', async () => {
    const signals = new Signals();
    const port = await open((request, response) => {
      response.on('close', () => setImmediate(() => listener(request, response)));
      signals.give('came');
    });
    const connection = await new RawClient(port, signals).open();
    connection.send(requestText('GET /cats/7'));
    await signals.wait('came');
    await connection.leave();
    await vi.waitFor(() => expect(records).toHaveLength(1));
    await app.get(RequestCapture).settled(600_000);
    expect(records).toMatchObject([{ status: 499, outcome: 'aborted', contentLength: 0 }]);
  });
});

it('What inject() asks of Fastify is seen from its arrival, before any middleware', async () => {
  await start('fastify');
  await app.init();
  const instance = (app as NestFastifyApplication).getHttpAdapter().getInstance();
  await instance.ready();
  for (const url of ['/cats/7', '/middleware']) await instance.inject({ url });
  await app.get(RequestCapture).settled(10_000);
  expect(records).toMatchObject([
    { route: '/cats/:id', status: 200, outcome: 'completed' },
    { route: null, status: 200, outcome: 'completed', contentLength: 8 },
  ]);
  for (const { speed } of records) expect(speed).toBeGreaterThanOrEqual(SLOWNESS_MS * 1000);
});

describe('Every server that Fastify makes is seen', () => {
  // Elsewhere than on Linux, a machine has no second address of this kind.
  const second = process.platform === 'linux' ? '127.0.0.2' : '::1';

  it('for each address of localhost', async () => {
    const lookup = dns.lookup as unknown as (...given: unknown[]) => unknown;
    vi.spyOn(dns, 'lookup').mockImplementation((...given: unknown[]) => {
      const done = given.at(-1) as (error: null, addresses: { address: string }[]) => void;
      const { all } = given[1] as { all?: boolean };
      if (given[0] === 'localhost' && all)
        process.nextTick(done, null, [{ address: '127.0.0.1' }, { address: second }]);
      else lookup(...given);
    });
    await start('fastify');
    await app.listen(0);
    const instance = (app as NestFastifyApplication).getHttpAdapter().getInstance();
    const addresses = instance.addresses() as AddressInfo[];
    expect(addresses.map(({ address }) => address).sort()).toEqual(['127.0.0.1', second].sort());
    for (const { address, port } of addresses) await expectAllSeen(port, address);
  });
});
