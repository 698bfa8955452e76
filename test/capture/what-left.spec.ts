import { Controller, Get, Param, Post, Req, Res, StreamableFile } from '@nestjs/common';
import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackUsage } from 'nestjs-track-usage';
import { readResponse, requestText } from './support/http-text.js';
import { TestApplication } from './support/test-application.js';
import { TEST_CERTIFICATE } from './support/test-certificate.js';
import type { CapturedRequest } from './support/scenario.js';

/** More than an operating system takes of what nobody reads: some 4 MB here. */
const SIZE = 16_000_000;
const MUCH = 12_000_000;
const CHUNK = 100_000;
const TAKEN = 64 * 1024;

/** Ways to hand over what nobody can take at once. */
const ways: Record<string, (raw: ServerResponse) => void> = {
  'in one piece': (raw) =>
    raw.writeHead(200, { 'content-length': SIZE }).end(Buffer.alloc(SIZE, 'x')),
  // Of which streams count the characters.
  'in one string': (raw) =>
    raw.writeHead(200, { 'content-length': SIZE }).end('é'.repeat(SIZE / 2)),
  'in one chunk': (raw) => {
    raw.write(Buffer.alloc(SIZE, 'x'));
    raw.end();
  },
  'in chunks, all at once': (raw) => {
    for (let n = 0; n < SIZE / CHUNK; n++) raw.write(Buffer.alloc(CHUNK, 'x'));
    raw.end();
  },
  'in chunks, as they are taken': (raw) => {
    void Readable.from(chunks()).pipe(raw);
  },
};

function* chunks() {
  for (let n = 0; n < SIZE / CHUNK; n++) yield Buffer.alloc(CHUNK, 'x');
}

@TrackUsage()
@Controller('big')
class Big {
  @Get('framework') framework() {
    return new StreamableFile(Readable.from(chunks()));
  }
  @Get('small') small() {
    return 'small';
  }
  @Get('destroyed') destroyed(@Req() request: any, @Res() response: any) {
    const raw = response.raw ?? response;
    raw.write(Buffer.alloc(CHUNK));
    // Before what was written has been handed to the operating system.
    (request.raw ?? request).socket.destroy();
  }
  @Get(':way') one(@Param('way') way: string, @Res() response: any) {
    response.hijack?.();
    ways[way]!(response.raw ?? response);
  }
  @Post(':way') unread(@Param('way') way: string, @Res() response: any) {
    response.hijack?.();
    ways[way]!(response.raw ?? response);
  }
}

const servers = {
  Express: { kind: 'express', tls: false },
  Fastify: { kind: 'fastify', tls: false },
  'Fastify over TLS': { kind: 'fastify', tls: true },
} as const;

describe.each(Object.entries(servers))(
  'What left of an answer that was cut, on %s',
  (_name, { kind, tls }) => {
    let application: TestApplication;
    beforeAll(async () => {
      application = await TestApplication.start(
        {
          controllers: [Big],
          fastify: tls ? { https: TEST_CERTIFICATE } : {},
          prepare: (app) => {
            if (kind === 'fastify')
              app
                .getHttpAdapter()
                .getInstance()
                .addContentTypeParser('*', (_request: unknown, _body: unknown, done: () => void) =>
                  done(),
                );
          },
        },
        kind,
        { mode: 'exclude' },
      );
    });
    afterAll(() => application.close());

    const server = () => application.app.getHttpServer() as Server;

    async function open(): Promise<Client> {
      const { port } = application;
      const socket = tls
        ? connectTls({ port, rejectUnauthorized: false })
        : connect(port, '127.0.0.1');
      await once(socket, tls ? 'secureConnect' : 'connect');
      return new Client(socket);
    }

    async function oneRecord(): Promise<CapturedRequest> {
      const records = await application.taken();
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ status: 200, outcome: 'aborted' });
      return records[0]!;
    }

    const names = [...Object.keys(ways), 'framework'];

    it.each(names)('%s: at least what the client got, when it leaves', async (way) => {
      const client = await open();
      client.send(`GET /big/${encodeURIComponent(way)}`);
      await client.take(TAKEN);
      client.socket.destroy();
      const { contentLength } = await oneRecord();
      expect(contentLength).toBeGreaterThanOrEqual(client.payload());
      expect(contentLength).toBeLessThan(MUCH);
    });

    it.each(names)('%s: what the system took, when the server gives up', async (way) => {
      const client = await open();
      client.send(`GET /big/${encodeURIComponent(way)}`);
      await client.take(TAKEN);
      server().closeAllConnections();
      // What the operating system took arrives all the same.
      await client.takeAll();
      const { contentLength } = await oneRecord();
      expect(contentLength).toBeLessThanOrEqual(client.payload());
      // Framing that has not left counts for payload; under TLS, its records do too.
      expect(contentLength).toBeGreaterThan(client.payload() - (tls ? 200_000 : 8_000));
      if (way === 'in one piece' && !tls) expect(contentLength).toBe(client.payload());
    });

    it.each(names)('%s: not all, when the client has ended its side and leaves', async (way) => {
      const client = await open();
      client.send(`GET /big/${encodeURIComponent(way)}`);
      await client.take(TAKEN);
      client.socket.pause();
      const ended = new Promise<void>((resolve) => client.socket.end(resolve));
      await ended;
      client.socket.destroy();
      const { contentLength } = await oneRecord();
      expect(contentLength).toBeGreaterThanOrEqual(client.payload());
      expect(contentLength).toBeLessThan(MUCH);
    });

    it('is told of each answer on one connection by itself', async () => {
      const client = await open();
      client.send('GET /big/small');
      await client.until('small');
      client.send('GET /big/in%20one%20piece');
      await client.take(TAKEN);
      client.socket.destroy();
      const [first, second, ...more] = await application.taken();
      expect(more).toEqual([]);
      expect(first).toMatchObject({ outcome: 'completed', contentLength: 5 });
      expect(second).toMatchObject({ outcome: 'aborted' });
      expect(second!.contentLength).toBeGreaterThanOrEqual(TAKEN - 2000);
      expect(second!.contentLength).toBeLessThan(MUCH);
    });

    it('is nothing of pipelined answers whose turn has not come', async () => {
      const client = await open();
      client.send('GET /big/in%20one%20piece', 'GET /big/in%20one%20piece', 'GET /big/small');
      await client.take(TAKEN);
      client.socket.destroy();
      const records = await application.taken();
      const lengths = records.map(({ contentLength }) => contentLength).sort((a, b) => b - a);
      expect(lengths).toHaveLength(3);
      expect(lengths[0]).toBeGreaterThanOrEqual(TAKEN - 1000);
      expect(lengths[0]).toBeLessThan(MUCH);
      expect(lengths.slice(1)).toEqual([0, 0]);
    });

    it('is known in part where the request has not been read, so that a write fails', async () => {
      const client = await open();
      client.send('POST /big/in%20one%20piece', {
        'content-type': 'text/cat',
        'content-length': '5000000',
      });
      client.socket.write(Buffer.alloc(300_000));
      await client.take(TAKEN);
      client.socket.destroy();
      const { contentLength } = await oneRecord();
      expect(contentLength).toBeGreaterThanOrEqual(client.payload());
      expect(contentLength).toBeLessThan(MUCH);
    });

    it('is nothing where the connection was cut before anything was handed over', async () => {
      const client = await open();
      client.send('GET /big/destroyed');
      await client.takeAll();
      expect((await oneRecord()).contentLength).toBe(0);
    });

    it('is all where the client takes all', async () => {
      const client = await open();
      client.send('GET /big/in%20chunks%2C%20as%20they%20are%20taken', { connection: 'close' });
      await client.takeAll();
      expect(client.payload()).toBe(SIZE);
      expect(await application.taken()).toMatchObject([
        { outcome: 'completed', contentLength: SIZE },
      ]);
    });
  },
);

describe('What left of an answer over HTTP/2 that was cut', () => {
  let application: TestApplication;
  beforeAll(async () => {
    application = await TestApplication.start(
      { controllers: [Big], fastify: { http2: true } },
      'fastify',
      { mode: 'exclude' },
    );
  });
  afterAll(() => application.close());

  it.each(['in chunks, as they are taken', 'framework'])(
    '%s: the chunks that have left whole',
    async (way) => {
      const session = connectHttp2(`http://127.0.0.1:${application.port}`);
      const stream = session.request({ ':path': `/big/${encodeURIComponent(way)}` });
      let got = 0;
      stream.on('data', (chunk: Buffer) => {
        got += chunk.length;
        if (got > 3 * CHUNK) stream.close(8);
      });
      await once(stream, 'close');
      const [record] = await application.taken();
      expect(record).toMatchObject({ status: 200, outcome: 'aborted' });
      expect(record!.contentLength).toBeGreaterThan(got - 2 * CHUNK);
      expect(record!.contentLength).toBeLessThan(MUCH);
      session.close();
    },
  );
});

/** Takes as much as it is told to, and no more. */
class Client {
  private readonly parts: Buffer[] = [];
  private length = 0;

  constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.pause();
  }

  send(...requests: [...string[], Record<string, string>] | string[]): void {
    const last = requests.at(-1);
    const headers = typeof last === 'object' ? last : {};
    for (const line of requests)
      if (typeof line === 'string')
        this.socket.write(requestText(line, { connection: 'keep-alive', ...headers }));
  }

  async take(length: number): Promise<void> {
    while (this.length < length) {
      const part = this.socket.read(
        Math.min(length - this.length, this.socket.readableLength || 1),
      ) as Buffer | null;
      if (part === null) await once(this.socket, 'readable');
      else this.add(part);
    }
  }

  async until(text: string): Promise<void> {
    while (!Buffer.concat(this.parts).includes(text)) await this.take(this.length + 1);
  }

  async takeAll(): Promise<void> {
    this.socket.on('data', (part: Buffer) => this.add(part));
    this.socket.resume();
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  /** Bytes of it that came. */
  payload(): number {
    return readResponse(Buffer.concat(this.parts))?.payload.length ?? 0;
  }

  private add(part: Buffer): void {
    this.parts.push(part);
    this.length += part.length;
  }
}
