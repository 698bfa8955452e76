import { Controller, Get, Param, Res } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type AppParts } from '../support/applications.js';
import type { TestPlatform } from '../support/platforms.js';

type Head = OutgoingHttpHeaders | string[];

// The types of Node know fewer forms than Node does.
const untyped = (value: unknown) => value as Head;
const shared = Object.freeze(['s=1', 's=2']) as string[];

/** Each way to set headers that Node, Express and Fastify have, and mixtures of them. */
const forms: Record<string, (raw: ServerResponse, response: any) => void> = {
  nothing: (raw) => raw.end('x'),
  'writeHead alone': (raw) => raw.writeHead(201).end('x'),
  'writeHead with a message': (raw) => raw.writeHead(202, 'Fine').end('x'),
  'writeHead with a message and undefined': (raw) => raw.writeHead(200, 'Fine', undefined).end('x'),
  setHeader: (raw) => raw.setHeader('sEt-cOOkie', 'a=1').end('x'),
  'setHeader with an array': (raw) => raw.setHeader('set-cookie', ['a=1', 'b=2']).end('x'),
  'setHeader with an array that others share': (raw) =>
    raw.setHeader('Set-Cookie', shared).end('x'),
  appendHeader: (raw) => {
    if ('appendHeader' in raw)
      raw.appendHeader('Set-Cookie', 'a=1').appendHeader('set-cookie', ['b=2', 'c=3']);
    raw.end('x');
  },
  'setHeaders with a Map': (raw) => {
    if ('setHeaders' in raw) raw.setHeaders(new Map([['Set-Cookie', ['a=1', 'b=2']]]));
    raw.end('x');
  },
  'setHeaders with Headers': (raw) => {
    const headers = new Headers([
      ['x-a', '1'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    if ('setHeaders' in raw) raw.setHeaders(headers);
    raw.end('x');
  },
  'an object': (raw) => raw.writeHead(200, { 'X-A': '1', 'set-cookie': 'a=1' }).end('x'),
  'an object, then undefined': (raw) =>
    raw.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] } as never, undefined).end('x'),
  'a message and an object': (raw) =>
    raw.writeHead(200, 'Fine', { 'set-cookie': ['a=1', 'b=2'] }).end('x'),
  'undefined and an object': (raw) =>
    raw.writeHead(200, undefined, { 'set-cookie': 'a=1' }).end('x'),
  'an object without cookies': (raw) => raw.writeHead(200, { 'X-A': ['1', '2'] }).end('x'),
  'an object with two spellings': (raw) =>
    raw.writeHead(200, { 'Set-Cookie': 'a=1', 'set-cookie': 'b=2' }).end('x'),
  'an object with two spellings of another header': (raw) =>
    raw.writeHead(200, { 'X-A': '1', 'x-a': '2' }).end('x'),
  'an object without a prototype': (raw) =>
    raw.writeHead(200, Object.assign(Object.create(null), { 'set-cookie': 'a=1' })).end('x'),
  'an empty object': (raw) => raw.writeHead(200, {}).end('x'),
  'a flat array': (raw) => raw.writeHead(200, ['Set-Cookie', 'a=1', 'X-A', '1']).end('x'),
  'a flat array with a cookie twice': (raw) =>
    raw.writeHead(200, ['Set-Cookie', 'a=1', 'X-A', '1', 'Set-Cookie', 'b=2']).end('x'),
  'a flat array with an array': (raw) =>
    raw.writeHead(200, untyped(['Set-Cookie', ['a=1', 'b=2']])).end('x'),
  'a flat array without cookies': (raw) =>
    raw.writeHead(200, 'Fine', ['X-A', '1', 'X-A', '2']).end('x'),
  'an empty array': (raw) => raw.writeHead(200, []).end('x'),
  'an array of pairs': (raw) =>
    raw
      .writeHead(
        200,
        untyped([
          ['Set-Cookie', 'a=1'],
          ['X-A', '1'],
          ['set-cookie', 'b=2'],
        ]),
      )
      .end('x'),
  'an array of pairs without cookies': (raw) =>
    raw
      .writeHead(
        200,
        untyped([
          ['X-A', '1'],
          ['X-A', '2'],
        ]),
      )
      .end('x'),
  'setHeader, then an object with cookies': (raw) =>
    raw.setHeader('Set-Cookie', 'a=1').writeHead(200, { 'set-cookie': 'b=2' }).end('x'),
  'setHeader, then an object without': (raw) =>
    raw.setHeader('Set-Cookie', 'a=1').writeHead(200, { 'x-a': '1' }).end('x'),
  'setHeader, then a flat array with cookies': (raw) =>
    raw.setHeader('Set-Cookie', 'a=1').writeHead(200, ['Set-Cookie', 'b=2']).end('x'),
  'setHeader, then a flat array with cookies, twice': (raw) =>
    raw
      .setHeader('Set-Cookie', 'a=1')
      .writeHead(200, ['Set-Cookie', 'b=2', 'Set-Cookie', 'c=3'])
      .end('x'),
  'setHeader, then a flat array without': (raw) =>
    raw.setHeader('Set-Cookie', ['a=1']).writeHead(200, ['X-A', '1']).end('x'),
  'setHeader of another, then a flat array': (raw) =>
    raw.setHeader('X-A', '1').writeHead(200, ['Set-Cookie', 'b=2', 'X-B', '1']).end('x'),
  'headers that were all removed': (raw) => {
    raw.setHeader('Set-Cookie', 'a=1');
    raw.removeHeader('Set-Cookie');
    raw.writeHead(200, ['Set-Cookie', 'b=2']).end('x');
  },
  'early hints before': (raw) => {
    raw.writeEarlyHints({ link: '</a.css>; rel=preload' });
    raw.writeHead(200, ['Set-Cookie', 'a=1']).end('x');
  },
  'headers that are flushed': (raw) => {
    raw.setHeader('Set-Cookie', 'a=1').flushHeaders();
    raw.end('x');
  },
  'a first write': (raw) => {
    raw.setHeader('Set-Cookie', 'a=1').write('x');
    raw.end('y');
  },
  'writeHead twice': (raw) => {
    raw.writeHead(200, { 'Set-Cookie': 'a=1' });
    raw.end(messageOf(() => raw.writeHead(200, { 'Set-Cookie': 'b=2' })));
  },
  'an odd array, then a good one': (raw) => {
    const message = messageOf(() => raw.writeHead(200, ['Set-Cookie']));
    raw.writeHead(200, ['Set-Cookie', 'b=2']).end(message);
  },
  'a value that Node refuses, then cookies that were set': (raw) => {
    raw.setHeader('Set-Cookie', 'a=1');
    const message = messageOf(() => raw.writeHead(200, { 'X-A': '\n' }));
    raw.writeHead(200).end(`${message} ${raw.getHeaderNames().join()}`);
  },
  'a cookie that is undefined': (raw) => {
    const message = messageOf(() => raw.writeHead(200, untyped({ 'Set-Cookie': undefined })));
    if (!raw.headersSent) raw.writeHead(200);
    raw.end(message);
  },
  'a session that wraps writeHead': (raw) => {
    const writeHead = raw.writeHead.bind(raw) as (...head: unknown[]) => ServerResponse;
    raw.writeHead = (...head: unknown[]) => {
      raw.setHeader('Set-Cookie', [raw.getHeader('Set-Cookie') ?? [], 'sid=1'].flat() as string[]);
      return writeHead(...head);
    };
    raw.setHeader('Set-Cookie', 'a=1').writeHead(200, ['X-A', '1']).end('x');
  },
};

/** Those of the frameworks, over the wire of HTTP/1 and HTTP/2 alike. */
const frameworkForms: Record<string, (raw: ServerResponse, response: any) => void> = {
  'cookies of the framework': (_raw, response) => {
    response.header('Set-Cookie', ['a=1', 'b=2']).send('x');
  },
  'cookies of the framework, one by one': (_raw, response) => {
    if (response.cookie) response.cookie('a', '1').cookie('b', '2').send('x');
    else response.headers({ 'set-cookie': 'a=1' }).header('set-cookie', 'b=2').send('x');
  },
  'cookies of both': (raw, response) => {
    raw.setHeader('Set-Cookie', 'a=1');
    response.header('x-a', '1').send({ x: 1 });
  },
};

function messageOf(run: () => unknown): string {
  try {
    run();
    return 'nothing was thrown';
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

@Controller('forms')
class Forms {
  @Get(':form') form(@Param('form') form: string, @Res() response: any) {
    const raw = response.raw ?? response;
    if (form in frameworkForms) return frameworkForms[form]!(raw, response);
    response.hijack?.();
    return forms[form]!(raw, response);
  }
}

const OUR_COOKIE =
  /^set-cookie: track_usage=[\w-]{22}; Max-Age=34128000; Path=\/; HttpOnly; SameSite=Lax\r\n/gim;

const servers = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
  'Fastify over HTTP/2': () => new FastifyAdapter({ http2: true } as object),
};

describe.each(Object.entries(servers))('The cookies of an application on %s', (name, adapter) => {
  const isHttp2 = name.endsWith('2');
  const started: { close(): Promise<unknown>; ask(form: string): Promise<string> }[] = [];
  beforeAll(async () => {
    for (const track of [{ mode: 'include', cookie: true } as const, null])
      started.push(await start({ name, adapter }, track, isHttp2));
  });
  afterAll(() => Promise.all(started.map((one) => one.close())));

  it.each([...Object.keys(forms), ...Object.keys(frameworkForms)])(
    'all go out beside ours, and nothing else changes: %s',
    async (form) => {
      const [tracked, twin] = await Promise.all(started.map((one) => one.ask(form)));
      expect(tracked!.match(OUR_COOKIE) ?? tracked).toHaveLength(1);
      expect(tracked!.replace(OUR_COOKIE, '')).toBe(twin);
    },
  );
});

async function start(platform: TestPlatform, track: AppParts['track'], isHttp2: boolean) {
  const { port, close } = await openApp(platform, { track, controllers: [Forms] });
  const session = isHttp2 ? connectHttp2(`http://127.0.0.1:${port}`) : null;
  return {
    ask: (form: string) => {
      const path = `/forms/${encodeURIComponent(form)}`;
      return session ? overHttp2(session, path) : overHttp1(port, path);
    },
    close: () => {
      session?.close();
      return close();
    },
  };
}

/** What comes, but for the clock. */
async function overHttp1(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks)
    .toString('latin1')
    .replace(/^date: .*\r\n/im, '');
}

async function overHttp2(session: ReturnType<typeof connectHttp2>, path: string): Promise<string> {
  const stream = session.request({ ':path': path, ':authority': 'shop.example' });
  const chunks: Buffer[] = [];
  let head = '';
  stream.on('response', (_headers, _flags, rawHeaders?: string[]) => {
    const raw = rawHeaders ?? [];
    for (let n = 0; n < raw.length; n += 2)
      if (raw[n] !== 'date') head += `${raw[n]}: ${raw[n + 1]}\r\n`;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  return `${head}\r\n${Buffer.concat(chunks).toString('latin1')}`;
}
