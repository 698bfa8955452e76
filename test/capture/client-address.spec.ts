import { Controller, Get, Logger, Post, Req, type INestApplication } from '@nestjs/common';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { request as send } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { plainAddress } from '../../lib/capture/http/request-url.js';
import { TrackUsage } from 'nestjs-track-usage';
import { expectSameBytes } from './support/expect-same-bytes.js';
import { requestText } from './support/http-text.js';
import { ADAPTERS, type AdapterKind } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

/** Sends a request's body to another server, as a proxy does. */
async function sendOn(body: IncomingMessage): Promise<string> {
  const server = createServer((inner, response) => void inner.pipe(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await send(`http://127.0.0.1:${port}`, { method: 'POST', body });
    return await answer.body.text();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

@TrackUsage()
@Controller('who')
class Who {
  @Get() who() {
    return 'you';
  }
  @Post('passed-on') passedOn(@Req() request: any) {
    return sendOn(request.raw ?? request);
  }
  @Post('forged') forged(@Req() request: any) {
    const raw = request.raw ?? request;
    for (const one of new Set([raw, request])) {
      Object.defineProperty(one, 'ip', { value: '198.51.100.66' });
      Object.defineProperty(one, 'protocol', { value: 'ftp' });
      Object.defineProperty(one, 'host', { value: 'evil.example' });
    }
    raw.headers['x-forwarded-for'] = '198.51.100.66';
    delete raw.headers['x-forwarded-proto'];
    raw.headers.host = 'evil.example';
    raw.socket = null;
    return 'forged';
  }
  @Post('cut') cut(@Req() request: any) {
    const raw = request.raw ?? request;
    raw.socket.destroy();
    raw.socket = null;
    return 'cut';
  }
}

const PROXY_ADDRESS = '127.0.0.1';
const forwarded = (addresses: string, more: Record<string, string> = {}) => ({
  'x-forwarded-for': addresses,
  ...more,
});

/** Trust settings by what each framework calls them. */
const trusts = {
  off: { express: false, fastify: false },
  on: { express: true, fastify: true },
  'one subnet': { express: 'loopback', fastify: '127.0.0.0/8' },
  'two subnets': { express: ['loopback', '10.0.0.0/8'], fastify: ['127.0.0.0/8', '10.0.0.0/8'] },
  'another subnet': { express: '10.0.0.0/8', fastify: '10.0.0.0/8' },
  'one hop': { express: 1, fastify: (_address: string, hop: number) => hop < 1 },
  'a function': {
    express: (_address: string, hop: number) => hop < 2,
    fastify: (_address: string, hop: number) => hop < 2,
  },
} as const;

/** An application, and its twin that goes without tracking. */
interface Applications {
  readonly tracked: TestApplication;
  readonly twin: TestApplication;
}

async function withTrust<T>(
  kind: AdapterKind,
  trust: unknown,
  run: (applications: Applications) => Promise<T>,
): Promise<T> {
  const scenario = {
    controllers: [Who],
    fastify: { trustProxy: trust },
    prepare: (app: INestApplication) => {
      const instance = app.getHttpAdapter().getInstance();
      if (kind === 'express') instance.set('trust proxy', trust);
      else
        instance.addContentTypeParser('*', (_request: unknown, _body: unknown, done: () => void) =>
          done(),
        );
      app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
        const { 'x-middleware': what } = request.headers;
        if (what === undefined) next();
        else if (what === 'passes on') void sendOn(request).then((text) => response.end(text));
        else response.end('middleware');
      });
    },
  };
  const tracked = await TestApplication.start(scenario, kind, { mode: 'include' });
  const twin = await TestApplication.start(scenario, kind, null);
  try {
    return await run({ tracked, twin });
  } finally {
    await tracked.close();
    await twin.close();
  }
}

/** Asks both applications, which must answer alike, and returns what was captured. */
async function ask(
  { tracked, twin }: Applications,
  headers: Record<string, string | string[]>,
  line = 'GET /who',
) {
  const request = requestText(line, headers);
  const answer = await tracked.client().exchange(request);
  const [record, ...more] = await tracked.taken();
  expect(more).toEqual([]);
  expectSameBytes(answer, await twin.client().exchange(request));
  return record!;
}

describe.each(ADAPTERS)('The client of a request on %s', (kind) => {
  it.each([
    ['off', '203.0.113.7', PROXY_ADDRESS],
    ['on', '203.0.113.7', '203.0.113.7'],
    ['on', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['on', '::ffff:203.0.113.7', '203.0.113.7'],
    ['on', '2001:db8::7', '2001:db8::7'],
    ['one subnet', '203.0.113.7', '203.0.113.7'],
    ['one subnet', '203.0.113.7, 10.0.0.2', '10.0.0.2'],
    ['two subnets', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['two subnets', '198.51.100.1, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['another subnet', '203.0.113.7', PROXY_ADDRESS],
    ['a function', '198.51.100.1, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['one hop', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['on', '203.0.113.7:50123', '203.0.113.7'],
    ['on', '[2001:db8::7]:50123', '2001:db8::7'],
    ['on', '[2001:db8::7]', '2001:db8::7'],
    ['on', 'unknown', PROXY_ADDRESS],
    ['on', '_hidden', PROXY_ADDRESS],
    ['on', '203.0.113.999', PROXY_ADDRESS],
    ['on', '203.0.113.999:1', PROXY_ADDRESS],
    ['on', '<script>alert(1)</script>', PROXY_ADDRESS],
    ['on', 'shop.example', PROXY_ADDRESS],
    ['one subnet', '203.0.113.7, unknown', PROXY_ADDRESS],
  ] as const)('with trust %s and X-Forwarded-For: %s is %s', async (trust, header, address) => {
    await withTrust(kind, trusts[trust][kind], async (applications) => {
      const record = await ask(applications, forwarded(header));
      expect(record).toMatchObject({ remoteAddr: address, xForwardedFor: header });
    });
  });

  it('is found the same where middleware answers and where nothing matches', async () => {
    await withTrust(kind, true, async (applications) => {
      const headers = forwarded('203.0.113.7', { 'x-forwarded-proto': 'https' });
      expect(await ask(applications, { ...headers, 'x-middleware': 'answers' })).toMatchObject({
        remoteAddr: '203.0.113.7',
        url: 'https://shop.example/who',
        handler: null,
      });
      expect(await ask(applications, headers, 'GET /nowhere')).toMatchObject({
        remoteAddr: '203.0.113.7',
        url: 'https://shop.example/nowhere',
        status: 404,
      });
    });
  });

  // As the manual says.
  it.runIf(kind === 'fastify')('with trust in a number of hops is the proxy', async () => {
    await withTrust(kind, 1, async (applications) => {
      const record = await ask(applications, forwarded('198.51.100.1, 203.0.113.7'));
      expect(record.remoteAddr).toBe(PROXY_ADDRESS);
    });
  });

  it.each([
    ['a handler sends the request on', 'POST /who/passed-on', {}, 201],
    ['middleware sends the request on', 'POST /who', { 'x-middleware': 'passes on' }, 200],
    ['a handler forges what the request says', 'POST /who/forged', {}, 201],
    ['a handler cuts the connection', 'POST /who/cut', {}, 499],
  ])('is kept where %s', async (_title, line, headers, status) => {
    const errors = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    for (const trust of ['off', 'on'] as const) {
      await withTrust(kind, trusts[trust][kind], async ({ tracked }) => {
        const all = { ...forwarded('203.0.113.7', { 'x-forwarded-proto': 'https' }), ...headers };
        await tracked
          .client()
          .exchange(requestText(line, { ...all, 'content-type': 'text/cat' }, 'a body'));
        const path = line.slice('POST '.length);
        expect(await tracked.taken()).toMatchObject([
          trust === 'on'
            ? { status, remoteAddr: '203.0.113.7', url: `https://shop.example${path}` }
            : { status, remoteAddr: PROXY_ADDRESS, url: `http://shop.example${path}` },
        ]);
      });
    }
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
  });

  it('is not changed by 20 forged headers when nothing is trusted', async () => {
    await withTrust(kind, false, async (applications) => {
      const forged = {
        'x-forwarded-for': Array.from({ length: 20 }, (_, n) => `203.0.113.${n}`),
        forwarded: Array.from(
          { length: 20 },
          (_, n) => `for=198.51.100.${n};proto=https;host=evil.example`,
        ),
        'x-real-ip': '203.0.113.99',
        'x-client-ip': '203.0.113.99',
        'cf-connecting-ip': '203.0.113.99',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '8443',
      };
      expect(await ask(applications, forged)).toMatchObject({
        remoteAddr: PROXY_ADDRESS,
        url: 'http://shop.example/who',
        xForwardedFor: Array.from({ length: 20 }, (_, n) => `203.0.113.${n}`).join(', '),
      });
    });
  });

  it.each([
    [
      'off',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cats.example' },
      'http://shop.example/who?a=1',
    ],
    ['on', { 'x-forwarded-proto': 'https' }, 'https://shop.example/who?a=1'],
    ['on', { 'x-forwarded-host': 'cats.example:8443' }, 'http://cats.example:8443/who?a=1'],
    [
      'on',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cats.example' },
      'https://cats.example/who?a=1',
    ],
    [
      'on',
      { 'x-forwarded-proto': 'java script', 'x-forwarded-host': 'cats.example' },
      'http://cats.example/who?a=1',
    ],
    ['on', { 'x-forwarded-proto': 'HTTPS' }, 'https://shop.example/who?a=1'],
    ['on', { 'x-forwarded-proto': 'ftp' }, 'http://shop.example/who?a=1'],
    ['on', { 'x-forwarded-proto': 'wss' }, 'http://shop.example/who?a=1'],
    ['on', { 'x-forwarded-proto': 'javascript' }, 'http://shop.example/who?a=1'],
    ['on', { 'x-forwarded-proto': 'https://evil.example/?' }, 'http://shop.example/who?a=1'],
    [
      'one subnet',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cats.example' },
      'https://cats.example/who?a=1',
    ],
    [
      'another subnet',
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cats.example' },
      'http://shop.example/who?a=1',
    ],
  ] as const)('with trust %s and %o asked for %s', async (trust, headers, url) => {
    await withTrust(kind, trusts[trust][kind], async (applications) => {
      expect((await ask(applications, headers, 'GET /who?a=1')).url).toBe(url);
    });
  });

  it('keeps its address when it leaves early', async () => {
    await withTrust(kind, true, async ({ tracked }) => {
      const connection = await tracked.client().open();
      connection.send(
        'POST /who HTTP/1.1\r\nhost: shop.example\r\nx-forwarded-for: 203.0.113.7\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
      );
      await connection.leave();
      const poll = async () => {
        for (;;) {
          const records = await tracked.taken();
          if (records.length > 0) return records;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      expect(await poll()).toMatchObject([{ remoteAddr: '203.0.113.7', outcome: 'aborted' }]);
    });
  });

  it('is written as IPv4 where IPv4 was mapped into IPv6', async (context) => {
    const hasIpv6 = Object.values(networkInterfaces())
      .flat()
      .some((info) => info?.family === 'IPv6');
    if (!hasIpv6) context.skip();
    const application = await TestApplication.start({ controllers: [Who] }, kind, {
      mode: 'include',
    });
    try {
      // The server of the application again, on an address that takes both families.
      const server = application.app.getHttpServer();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => server.listen({ port: 0, host: '::' }, resolve));
      const { port } = server.address();
      const client = Object.assign(application.client(), { port });
      await client.exchange(requestText('GET /who'));
      expect(await application.taken()).toMatchObject([{ remoteAddr: '127.0.0.1' }]);
    } finally {
      await application.close();
    }
  });
});

describe('An address', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['::1', '::1'],
    ['2001:db8::ffff:1:2', '2001:db8::ffff:1:2'],
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
  ])('%s is recorded as %s', (given, recorded) => {
    expect(plainAddress(given)).toBe(recorded);
  });
});
