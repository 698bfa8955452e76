import {
  Controller,
  Get,
  Injectable,
  Logger,
  Res,
  UseGuards,
  type DynamicModule,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestCapture, type CapturedRequest } from '../../lib/capture/index.js';
import { TrackUsage } from 'nestjs-track-usage';
import { moduleOf } from '../support/applications.js';
import { CaptureModule } from './support/capture-module.js';
import { requestText } from './support/http-text.js';
import { RawClient } from './support/raw-client.js';
import { ADAPTERS } from './support/scenario.js';
import { Signals } from './support/signals.js';
import { TestApplication } from './support/test-application.js';

@TrackUsage()
@Controller('cats')
class Cats {
  @Get(':id') one() {
    return 'one cat';
  }
  @UseGuards({ canActivate: () => false }) @Get('no/:id') no() {}
}

@Controller('statuses')
class Statuses {
  @Get('flushed') flushed(@Res() { raw }: any) {
    raw.flushHeaders();
    raw.statusCode = 503;
    raw.end('x');
  }
  @Get('written') written(@Res() { raw }: any) {
    raw.writeHead(201);
    raw.statusCode = 503;
    raw.end();
  }
  @Get('hinted') hinted(@Res() { raw }: any) {
    raw.writeEarlyHints({ link: '</cats.css>; rel=preload' });
    raw.statusCode = 202;
    raw.write('x');
    raw.statusCode = 503;
    raw.end();
  }
  @Get('by-stream') byStream(@Res() { raw }: any) {
    raw.stream.respond({ ':status': 203 });
    raw.stream.end('x');
  }
}

afterEach(() => vi.restoreAllMocks());

describe.each(ADAPTERS)('Capture on %s', (kind) => {
  it('is refused a second place in one application', async () => {
    const start = TestApplication.start(
      {
        controllers: [Cats],
        imports: (capture) => [capture!, CaptureModule.into(() => undefined, { mode: 'include' })],
      },
      kind,
      { mode: 'include' },
    );
    await expect(start).rejects.toThrow('TrackUsageModule was imported twice into one application');
  });

  it('serves two applications of one process apart', async () => {
    const [first, second] = await Promise.all([
      TestApplication.start({ controllers: [Cats] }, kind, { mode: 'exclude' }),
      TestApplication.start({ controllers: [Cats] }, kind, { mode: 'exclude' }),
    ]);
    await first.client().exchange(requestText('GET /cats/1'));
    await second.client().exchange(requestText('GET /cats/2'));
    expect(await first.taken()).toMatchObject([{ viewArgs: { id: '1' } }]);
    expect(await second.taken()).toMatchObject([{ viewArgs: { id: '2' } }]);
    await Promise.all([first.close(), second.close()]);
  });

  it('falls back to its interceptor, with a warning, where no guard can stand first', async () => {
    const warnings = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const application = await TestApplication.start(
      {
        controllers: [Cats],
        prepare: (app: INestApplication) => {
          // What a future version of Nest may hide.
          Object.assign(app.get(RequestCapture), { moduleRef: {} });
        },
      },
      kind,
      { mode: 'exclude' },
    );
    await application.client().exchange(requestText('GET /cats/1'));
    await application.client().exchange(requestText('GET /cats/no/1'));
    expect(await application.taken()).toMatchObject([
      { blueprint: 'Cats', handler: 'one', route: '/cats/:id', viewArgs: { id: '1' }, status: 200 },
    ]);
    expect(warnings.mock.calls.flat().join()).toContain(
      'does not let TrackUsage stand before its guards',
    );
    await application.close();
  });

  it('takes its interceptor off the path where its guard stands', async () => {
    const application = await TestApplication.start({ controllers: [Cats] }, kind, {
      mode: 'exclude',
    });
    const { container } = application.app as unknown as {
      container: {
        applicationConfig: { getGlobalInterceptors(): unknown[]; getGlobalGuards(): unknown[] };
      };
    };
    expect(container.applicationConfig.getGlobalInterceptors()).toEqual([]);
    expect(container.applicationConfig.getGlobalGuards()).toHaveLength(1);
    await application.close();
  });

  it('says when the last request has ended', async () => {
    @TrackUsage()
    @Controller('held')
    class Held {
      constructor(private readonly signals: Signals) {}
      @Get() async held() {
        this.signals.give('held');
        await this.signals.wait('let go');
        return 'at last';
      }
    }
    const application = await TestApplication.start({ controllers: [Held] }, kind, {
      mode: 'exclude',
    });
    const answer = application.client().exchange(requestText('GET /held'));
    await application.signals.wait('held');
    let settled = false;
    const whenSettled = application.app
      .get(RequestCapture)
      .settled()
      .then(() => (settled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    application.signals.give('let go');
    await whenSettled;
    expect(application.records).toHaveLength(1);
    await answer;
    await application.close();
  });

  it('has recorded every request when the server has closed', async () => {
    const application = await TestApplication.start({ controllers: [Cats] }, kind, {
      mode: 'exclude',
    });
    await application.client().exchange(requestText('GET /cats/1'));
    const capture = application.app.get(RequestCapture);
    await application.close();
    await capture.settled();
    expect(application.records).toHaveLength(1);
  });

  it('never lets a sink that throws reach the client', async () => {
    const errors = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const adapter = kind === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const capture = CaptureModule.into(() => {
      throw new Error('the sink is broken');
    });
    const app = await NestFactory.create(rootOf(capture, Cats), adapter as ExpressAdapter, {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    for (const id of [1, 2, 3]) {
      const answer = await new RawClient(port, new Signals()).exchange(
        requestText(`GET /cats/${id}`),
      );
      expect(answer.toString()).toContain('200 OK');
    }
    await app.get(RequestCapture).settled();
    expect(
      errors.mock.calls.filter(([text]) => String(text).includes('could not be recorded')),
    ).toHaveLength(1);
    await app.close();
  });

  it('does nothing where there is no HTTP server', async () => {
    const root = rootOf(CaptureModule.into(() => undefined));
    const context = await NestFactory.createApplicationContext(root, { logger: false });
    expect(() => context.get(RequestCapture).install()).not.toThrow();
    await context.close();
  });
});

function rootOf(capture: DynamicModule, ...controllers: Type[]): Type {
  return moduleOf({ track: null, imports: [capture], controllers });
}

@Injectable()
class Open {
  canActivate() {
    return true;
  }
}

async function startFastify(
  records: CapturedRequest[],
  options: Record<string, unknown> = {},
): Promise<NestFastifyApplication> {
  const Root = moduleOf({
    track: null,
    imports: [CaptureModule.into((record) => records.push(record), { mode: 'include' })],
    controllers: [Cats, Statuses],
    providers: [{ provide: APP_GUARD, useClass: Open }],
  });
  return NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(options), {
    logger: false,
  });
}

describe('Capture on fastify alone', () => {
  it('sees what inject() asks', async () => {
    const records: CapturedRequest[] = [];
    const app = await startFastify(records);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    await app.inject({ method: 'GET', url: '/cats/7?a=1', headers: { host: 'shop.example' } });
    await app.inject({ method: 'HEAD', url: '/cats/7' });
    await app.inject({ method: 'GET', url: '/nowhere' });
    await app.get(RequestCapture).settled();
    expect(records).toMatchObject([
      {
        url: 'http://shop.example/cats/7?a=1',
        route: '/cats/:id',
        status: 200,
        outcome: 'completed',
        contentLength: 7,
        remoteAddr: '127.0.0.1',
      },
      { method: 'HEAD', status: 200, outcome: 'completed', contentLength: 0 },
      { route: null, status: 404, outcome: 'completed' },
    ]);
    await app.close();
  });

  it('counts what goes over HTTP/2 once', async () => {
    const records: CapturedRequest[] = [];
    const app = await startFastify(records, { http2: true, trustProxy: true });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const get = async (headers: Record<string, string>) => {
      const stream = session.request({ ':authority': 'shop.example', ...headers });
      stream.resume();
      await once(stream, 'close');
    };
    await get({
      ':path': '/cats/7',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    });
    await get({ ':path': '/nowhere' });
    await app.get(RequestCapture).settled();
    expect(records).toMatchObject([
      {
        url: 'https://shop.example/cats/7',
        protocol: 'HTTP/2.0',
        remoteAddr: '203.0.113.7',
        route: '/cats/:id',
        status: 200,
        outcome: 'completed',
        contentLength: 7,
      },
      {
        url: 'http://shop.example/nowhere',
        remoteAddr: '127.0.0.1',
        status: 404,
        outcome: 'completed',
      },
    ]);
    session.close();
    await app.close();
  });

  it('records the status that was sent over HTTP/2', async () => {
    const records: CapturedRequest[] = [];
    const app = await startFastify(records, { http2: true });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const statuses: unknown[] = [];
    for (const path of ['flushed', 'written', 'hinted', 'by-stream']) {
      const stream = session.request({
        ':path': `/statuses/${path}`,
        ':authority': 'shop.example',
      });
      stream.on('response', (headers) => statuses.push(headers[':status']));
      stream.resume();
      await once(stream, 'close');
    }
    await app.get(RequestCapture).settled();
    expect(statuses).toEqual([200, 201, 202, 203]);
    expect(records.map(({ status }) => status)).toEqual(statuses);
    session.close();
    await app.close();
  });

  it('knows a cancelled HTTP/2 stream from a completed one', async () => {
    const records: CapturedRequest[] = [];
    let reach = () => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    @Controller('held')
    class Held {
      @Get() held() {
        reach();
        return new Promise(() => undefined);
      }
    }
    const capture = CaptureModule.into((record) => records.push(record), { mode: 'include' });
    const app = await NestFactory.create<NestFastifyApplication>(
      rootOf(capture, Held),
      new FastifyAdapter({ http2: true } as object),
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/held', ':authority': 'shop.example' });
    stream.on('error', () => undefined);
    await reached;
    stream.close(8);
    await once(stream, 'close');
    await app.get(RequestCapture).settled();
    expect(records).toMatchObject([
      {
        url: 'http://shop.example/held',
        status: 499,
        outcome: 'aborted',
        contentLength: 0,
        remoteAddr: '127.0.0.1',
      },
    ]);
    session.close();
    await app.close();
  });
});

describe('Capture on express alone', () => {
  it('sees requests of an application that is called as a function', async () => {
    const records: CapturedRequest[] = [];
    const capture = CaptureModule.into((record) => records.push(record));
    const app = await NestFactory.create(rootOf(capture, Cats), new ExpressAdapter(), {
      logger: false,
    });
    await app.init();
    const server = createServer(app.getHttpAdapter().getInstance()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new RawClient(port, new Signals()).exchange(requestText('GET /cats/7?a=1'));
    await app.get(RequestCapture).settled();
    expect(records).toMatchObject([
      { url: 'http://shop.example/cats/7?a=1', route: '/cats/:id', status: 200, contentLength: 7 },
    ]);
    server.close();
    await app.close();
  });
});
