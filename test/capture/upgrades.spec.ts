import websocket from '@fastify/websocket';
import { Controller, Get, Res, type INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TrackUsage } from 'nestjs-track-usage';
import { expectSameBytes } from './support/expect-same-bytes.js';
import { readResponse, requestText } from './support/http-text.js';
import { ADAPTERS, MODES, type AdapterKind } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

// It has no types of its own.
const expressWs = createRequire(import.meta.url)('express-ws') as (
  instance: object,
  server: object,
) => { app: { ws(path: string, handler: (socket: WebSocket) => void): void } };

@TrackUsage()
@Controller('cats')
class Cats {
  @Get() all() {
    return 'all cats';
  }
  @Get('hijacked') hijacked(@Res() reply: any) {
    reply.hijack();
    reply.raw.writeHead(202, { connection: 'close' });
    reply.raw.end('by hand');
  }
}

let application: TestApplication;
afterEach(() => application.close());

async function start(
  kind: AdapterKind,
  mode: (typeof MODES)[number],
  prepare: (app: INestApplication) => unknown = () => undefined,
): Promise<void> {
  application = await TestApplication.start({ controllers: [Cats], prepare }, kind, { mode });
}

/** A request to upgrade. */
function upgrade(path: string, headers: Record<string, string> = {}): Buffer {
  return requestText(`GET ${path}`, {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  });
}

async function connect(path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${application.port}${path}`);
  await once(socket, 'open');
  return socket;
}

async function leave(socket: WebSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

/** Websockets as routes of Fastify, and a hook that refuses some. */
async function fastifyWebsockets(app: INestApplication): Promise<void> {
  const instance = (app as NestFastifyApplication).getHttpAdapter().getInstance();
  await instance.register(websocket);
  instance.addHook('onRequest', async (request, reply) => {
    if (request.url === '/refused') return reply.code(401).send({ who: 'are you' });
    if (request.url === '/broken-off') request.raw.socket.destroy();
    return undefined;
  });
  await instance.register((scope, _, done) => {
    scope.get('/echo', { websocket: true }, (socket) => {
      socket.on('message', (message: Buffer) => socket.send(message.toString()));
    });
    done();
  });
}

describe.each(MODES)('Websockets of @fastify/websocket in the %s mode', (mode) => {
  const expected = (record: object) =>
    mode === 'include' ? [{ route: null, handler: null, ...record }] : [];

  it('are recorded with 101 when the connection stands, and not again when it ends', async () => {
    await start('fastify', mode, fastifyWebsockets);
    const socket = await connect('/echo?a=1');
    expect(await application.taken()).toMatchObject(
      expected({
        url: `http://127.0.0.1:${application.port}/echo?a=1`,
        method: 'GET',
        status: 101,
        outcome: 'completed',
        contentLength: 0,
        remoteAddr: '127.0.0.1',
      }),
    );
    socket.send('purr');
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(message.toString()).toBe('purr');
    await leave(socket);
    expect(await application.taken()).toEqual([]);
  });

  it('have the speed of the answer, not the length of the connection', async () => {
    await start('fastify', mode, fastifyWebsockets);
    const sentAt = performance.now();
    const socket = await connect('/echo');
    const opened = performance.now() - sentAt;
    const until = performance.now() + 2 * opened + 5;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    await leave(socket);
    for (const { speed } of await application.taken()) {
      expect(speed).toBeGreaterThan(0);
      expect(speed / 1000).toBeLessThanOrEqual(opened);
    }
  });

  it.each([
    ['has no route', '/nowhere', {}, 404],
    ['is refused by a hook', '/refused', {}, 401],
    ['asks for a version that there is not', '/echo', { 'sec-websocket-version': '7' }, 400],
    ['has no key', '/echo', { 'sec-websocket-key': '' }, 400],
  ])('that %s are recorded with what they got', async (_, path, headers, status) => {
    await start('fastify', mode, fastifyWebsockets);
    const bytes = await application.client().exchange(upgrade(path, headers));
    const answer = readResponse(bytes)!;
    expect(answer.status).toBe(status);
    expect(await application.taken()).toMatchObject(
      expected({ status, outcome: 'completed', contentLength: answer.payload.length }),
    );
    const twin = await TestApplication.start(
      { controllers: [Cats], prepare: fastifyWebsockets },
      'fastify',
      null,
    );
    expectSameBytes(bytes, await twin.client().exchange(upgrade(path, headers)));
    await twin.close();
  });

  it('that are broken off without an answer are aborted', async () => {
    await start('fastify', mode, fastifyWebsockets);
    expect(await application.client().exchange(upgrade('/broken-off'))).toHaveLength(0);
    expect(await application.taken()).toMatchObject(
      expected({ status: 499, outcome: 'aborted', contentLength: 0 }),
    );
  });

  it('that injectWS() only plays are recorded too', async () => {
    await start('fastify', mode, fastifyWebsockets);
    const instance = (application.app as NestFastifyApplication).getHttpAdapter().getInstance();
    const socket = await instance.injectWS('/echo', { headers: { host: 'shop.example' } });
    expect(await application.taken()).toMatchObject(
      expected({ url: 'http://shop.example/echo', status: 101, outcome: 'completed' }),
    );
    socket.terminate();
  });

  it('and requests beside them are recorded as ever', async () => {
    await start('fastify', mode, fastifyWebsockets);
    await application.client().exchange(requestText('GET /echo'));
    await application.client().exchange(requestText('GET /cats'));
    expect(await application.taken()).toMatchObject([
      ...expected({ status: 404, outcome: 'completed' }),
      { handler: 'all', status: 200, outcome: 'completed' },
    ]);
  });

  it('that ask for the route of a handler are closed by the plugin, and reach no handler', async () => {
    await start('fastify', mode, fastifyWebsockets);
    const socket = await connect('/cats');
    await once(socket, 'close');
    expect(await application.taken()).toMatchObject(
      expected({ status: 101, outcome: 'completed', contentLength: 0 }),
    );
  });
});

it('What a handler of Fastify has hijacked is recorded as it was answered', async () => {
  await start('fastify', 'exclude');
  const answer = readResponse(
    await application.client().exchange(requestText('GET /cats/hijacked')),
  )!;
  expect(await application.taken()).toMatchObject([
    {
      route: '/cats/hijacked',
      status: 202,
      outcome: 'completed',
      contentLength: answer.payload.length,
    },
  ]);
});

describe.each(ADAPTERS)('Who takes the upgrades of the server on %s', (kind) => {
  it('keeps them from the application, so that none is recorded', async () => {
    const sockets = new WebSocketServer({ noServer: true });
    await start(kind, 'include', (app) => {
      (app.getHttpServer() as Server).on('upgrade', (request, socket, head) => {
        if (request.url === '/refused') socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        else sockets.handleUpgrade(request, socket, head, () => undefined);
      });
    });
    const socket = await connect('/anything');
    await application.client().exchange(upgrade('/refused'));
    await application.client().exchange(requestText('GET /cats'));
    await leave(socket);
    expect(await application.taken()).toMatchObject([{ handler: 'all', status: 200 }]);
  });

  it('is missing: an upgrade that nobody takes is a request like any other', async () => {
    await start(kind, 'include');
    const connection = await application.client().open();
    connection.send(upgrade('/cats', { connection: 'upgrade, close' }));
    expect(readResponse(await connection.toEnd())).toMatchObject({ status: 200 });
    expect(await application.taken()).toMatchObject([
      { handler: 'all', status: 200, outcome: 'completed', contentLength: 8 },
    ]);
  });
});

it('Websockets of express-ws are recorded with 101 too', async () => {
  await start('express', 'include', (app) => {
    const { app: instance } = expressWs(
      app.getHttpAdapter().getInstance() as object,
      app.getHttpServer() as Server,
    );
    instance.ws('/echo', (socket) => socket.on('message', (text: Buffer) => socket.send(text)));
  });
  const socket = await connect('/echo');
  socket.send('purr');
  await once(socket, 'message');
  expect(await application.taken()).toMatchObject([
    { status: 101, outcome: 'completed', contentLength: 0, handler: null },
  ]);
  await leave(socket);
  expect(await application.taken()).toEqual([]);
});
