import { configure as serverlessExpress } from '@codegenie/serverless-express';
import { Controller, Get, HttpCode, Param, Post, Res, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type TrackUsageMode,
} from 'nestjs-track-usage';
import { MemoryStorage } from 'nestjs-track-usage/testing';
import { EventEmitter, once } from 'node:events';
import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http';
import { Socket, type Server } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RequestCapture } from '../../lib/capture/index.js';
import { requestText } from './support/http-text.js';
import { RawClient } from './support/raw-client.js';
import { ADAPTERS, MODES, type AdapterKind } from './support/scenario.js';
import { Signals } from './support/signals.js';

const BIG = 32 * 1024 * 1024;

@TrackUsage()
@Controller('cats')
class Cats {
  @Get('streamed') streamed(@Res() response: any) {
    const raw: ServerResponse = response.raw ?? response;
    raw.write('one,');
    setImmediate(() => raw.end('two'));
  }
  @Get('big') big(@Res() response: any) {
    (response.raw ?? response).end(Buffer.alloc(BIG, 'x'));
  }
  @Get(':id') one(@Param('id') id: string) {
    return { id, name: 'Käthe' };
  }
  @HttpCode(204) @Post() nothing() {}
}

interface Application {
  app: INestApplication;
  listener: RequestListener;
  usage: UsageService;
}

/** An application that listens to no port, as in a serverless function. */
async function start(kind: AdapterKind, mode: TrackUsageMode = 'include'): Promise<Application> {
  const module = {
    module: class {},
    controllers: [Cats],
    imports: [TrackUsageModule.forRoot({ mode, storages: [new MemoryStorage()] })],
  };
  const options = { logger: false, abortOnError: false } as const;
  const usageOf = (app: INestApplication) => app.get(UsageService);
  if (kind === 'express') {
    const app = await NestFactory.create(module, new ExpressAdapter(), options);
    await app.init();
    return { app, usage: usageOf(app), listener: app.getHttpAdapter().getInstance() };
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter(),
    options,
  );
  app.use('/middleware', (_: unknown, response: ServerResponse) => response.end('answered'));
  await app.init();
  const instance = app.getHttpAdapter().getInstance();
  await instance.ready();
  const listener: RequestListener = (request, response) => instance.routing(request, response);
  return { app, usage: usageOf(app), listener };
}

/** What API Gateway hands to a function. */
function event(method: string, path: string) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'shop.example', 'x-forwarded-for': '203.0.113.7' },
    requestContext: {
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl' },
      stage: '$default',
    },
    isBase64Encoded: false,
  };
}

describe.each(ADAPTERS)('A serverless function on %s', (kind) => {
  describe.each(MODES)('in the %s mode', (mode) => {
    let application: Application;
    beforeEach(async () => {
      application = await start(kind, mode);
    });
    afterEach(() => application.app.close());

    async function ask(method: string, path: string) {
      const handler = serverlessExpress({ app: application.listener });
      const answer = (await handler(event(method, path), {}, () => undefined)) as {
        statusCode: number;
        body: string;
      };
      expect(await application.usage.flush()).toBe(true);
      const records = await application.usage.getUsage({ limit: 100 });
      // Nothing is under way: closing waits for nothing.
      await application.app.get(RequestCapture).settled(600_000);
      return { answer, records };
    }

    it('records an answer once, with its status and its bytes', async () => {
      const { answer, records } = await ask('GET', '/cats/7');
      expect(answer).toMatchObject({ statusCode: 200, body: '{"id":"7","name":"Käthe"}' });
      expect(records).toMatchObject([
        {
          url: 'https://shop.example/cats/7',
          route: '/cats/:id',
          handler: 'one',
          status: 200,
          outcome: 'completed',
          contentLength: Buffer.byteLength(answer.body),
          remoteAddr: '203.0.113.7',
        },
      ]);
      expect(records[0]!.speed).toBeGreaterThan(0);
    });

    it('records an answer without a body', async () => {
      const { records } = await ask('POST', '/cats');
      expect(records).toMatchObject([{ status: 204, outcome: 'completed', contentLength: 0 }]);
    });

    it('records an answer in pieces', async () => {
      const { answer, records } = await ask('GET', '/cats/streamed');
      expect(answer.body).toBe('one,two');
      expect(records).toMatchObject([{ status: 200, outcome: 'completed', contentLength: 7 }]);
    });

    it('records what reached no handler in the include mode', async () => {
      const { answer, records } = await ask('GET', '/nowhere');
      expect(answer.statusCode).toBe(404);
      expect(records).toMatchObject(
        mode === 'include'
          ? [{ status: 404, outcome: 'completed', contentLength: answer.body.length, route: null }]
          : [],
      );
    });
  });
});

it('A serverless function on fastify records what middleware answers', async () => {
  const { app, usage, listener } = await start('fastify');
  await serverlessExpress({ app: listener })(event('GET', '/middleware'), {}, () => undefined);
  await serverlessExpress({ app: listener })(event('GET', '/%zz'), {}, () => undefined);
  expect(await usage.flush()).toBe(true);
  expect(await usage.getUsage()).toMatchObject([
    { path: '/%zz', status: 400, outcome: 'completed' },
    { path: '/middleware', status: 200, outcome: 'completed', contentLength: 8 },
  ]);
  await app.close();
});

/** A connection that takes all that is written, and can stop to. */
class Sink extends Duplex {
  taken = '';
  #held: (() => void)[] | null = null;

  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.taken += chunk.toString('latin1');
    if (this.#held) this.#held.push(done);
    else done();
  }
  hold(): this {
    this.#held = [];
    return this;
  }
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const done of held) done();
  }
}

/** A request with a response that no server made, and nobody closes. */
function byHand(path: string, connection: Duplex = new Sink()) {
  const request = new IncomingMessage(connection as Socket);
  Object.assign(request, { method: 'GET', url: path, headers: { host: 'shop.example' } });
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(connection as Socket);
  return { request, response, connection };
}

describe.each(ADAPTERS)('A response that no server made, on %s', (kind) => {
  let application: Application;
  beforeEach(async () => {
    application = await start(kind);
  });
  afterEach(() => application.app.close());

  async function recordsOf(answered: Promise<unknown>) {
    await answered;
    expect(await application.usage.flush()).toBe(true);
    await application.app.get(RequestCapture).settled(600_000);
    // A late `close` must find nothing to record.
    await new Promise((resolve) => setImmediate(resolve));
    await application.usage.flush();
    return application.usage.getUsage();
  }

  const ends: Record<string, (made: ReturnType<typeof byHand>) => unknown> = {
    'is never closed': () => undefined,
    'is closed when it has finished': ({ response }) =>
      response.prependListener('finish', () => response.emit('close')),
    'is closed later': ({ response }) =>
      response.on('finish', () => setImmediate(() => response.emit('close'))),
    'is detached and closed': ({ response, connection }) =>
      response.on('finish', () => {
        response.detachSocket(connection as Socket);
        response.emit('close');
      }),
    'is destroyed': ({ response }) => response.on('finish', () => response.destroy()),
  };
  it.each(Object.entries(ends))('is recorded once where it %s', async (_, prepare) => {
    const made = byHand('/cats/7');
    prepare(made);
    const finished = once(made.response, 'finish');
    application.listener(made.request, made.response);
    expect(await recordsOf(finished)).toMatchObject([
      { route: '/cats/:id', status: 200, outcome: 'completed', contentLength: 26 },
    ]);
  });

  it("is recorded once where it comes by the server's own event", async () => {
    const { request, response } = byHand('/cats/7');
    const finished = once(response, 'finish');
    (application.app.getHttpServer() as Server).emit('request', request, response);
    expect(await recordsOf(finished)).toMatchObject([
      { route: '/cats/:id', status: 200, outcome: 'completed', contentLength: 26 },
    ]);
  });

  it('is recorded as completed where a connection of its own closes it before `finish`', async () => {
    // As those do that only collect what they are given.
    const collector = Object.assign(new EventEmitter(), {
      writable: true,
      _writableState: {},
      write: () => true,
      cork() {},
      uncork() {},
      destroy() {},
    });
    const { request } = byHand('/cats/7');
    const response = new ServerResponse(request);
    response.assignSocket(collector as unknown as Socket);
    const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
    response.end = (...given: unknown[]) => {
      end(...given);
      response.emit('close');
      return response;
    };
    const closed = once(response, 'close');
    application.listener(request, response);
    expect(await recordsOf(closed)).toMatchObject([
      { status: 200, outcome: 'completed', contentLength: 26 },
    ]);
  });

  it('is aborted where its connection breaks before all is taken', async () => {
    const { request, response, connection } = byHand('/cats/7', new Sink().hold());
    const closed = once(response, 'close');
    response.on('prefinish', () => setImmediate(() => connection.destroy()));
    application.listener(request, response);
    expect(await recordsOf(closed)).toMatchObject([{ outcome: 'aborted' }]);
  });

  it('has the speed of its last byte, whenever it is closed', async () => {
    const { request, response } = byHand('/cats/7');
    const sentAt = performance.now();
    const finished = once(response, 'finish');
    application.listener(request, response);
    await finished;
    const tookAtMost = performance.now() - sentAt;
    const until = performance.now() + 2 * tookAtMost + 5;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    response.emit('close');
    const [record] = await recordsOf(Promise.resolve());
    expect(record!.speed * 1000).toBeLessThanOrEqual(tookAtMost);
  });

  it('is waited for by flush() from the moment when the handler has ended it', async () => {
    const sink = new Sink().hold();
    const { request, response } = byHand('/cats/7', sink);
    const ended = once(response, 'prefinish');
    application.listener(request, response);
    await ended;
    expect(await application.usage.flush({ timeout: 1 })).toBe(false);
    expect(await application.usage.getUsage()).toEqual([]);
    const flushed = application.usage.flush();
    sink.release();
    expect(await flushed).toBe(true);
    expect(await application.usage.getUsage()).toHaveLength(1);
  });
});

describe.each(ADAPTERS)('flush() on %s', (kind) => {
  it('waits for an answer whose last byte has not left, and for no request after it', async () => {
    const { app, usage } = await start(kind);
    await app.listen(0, '127.0.0.1');
    const server = app.getHttpServer() as Server;
    const { port } = server.address() as { port: number };
    const reader = await new RawClient(port, new Signals()).open();
    const answered = new Promise<void>((resolve) => {
      server.on('request', (_: unknown, response: ServerResponse) =>
        response.on('prefinish', resolve),
      );
    });
    reader.send(requestText('GET /cats/big'));
    reader.socket.pause();
    await answered;
    expect(await usage.flush({ timeout: 1 })).toBe(false);
    const flushed = usage.flush();
    const later = await new RawClient(port, new Signals()).open();
    later.send(requestText('GET /cats/big'));
    later.socket.pause();
    reader.socket.resume();
    expect(await flushed).toBe(true);
    expect(await usage.getUsage()).toMatchObject([{ outcome: 'completed', contentLength: BIG }]);
    await later.leave();
    await app.close();
  });
});
