import { Controller, Get, Req, Res, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import compression from 'compression';
import express from 'express';
import {
  TrackUsage,
  TrackVar,
  UsageService,
  type TrackUsageModuleOptions,
  type TrackVars,
  type UsageRecord,
} from 'nestjs-track-usage';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { moduleOf } from '../support/applications.js';
import { requestText } from './support/http-text.js';
import { RawClient } from './support/raw-client.js';
import { ADAPTERS, type AdapterKind } from './support/scenario.js';
import { Signals } from './support/signals.js';

const LONG = 'purr '.repeat(1000);

@TrackUsage()
@Controller('cats')
class Cats {
  @Get('long') long() {
    return LONG;
  }
  @Get(':id') one(@TrackVar() vars: TrackVars) {
    vars.of = 'inner';
    return 'one cat';
  }
}

interface Member {
  app: INestApplication;
  listener: RequestListener;
  records(): Promise<UsageRecord[]>;
}

const members: Member[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const { app } of members.splice(0)) await app.close();
});

async function member(
  adapter: AdapterKind | ExpressAdapter,
  controllers: Type[],
  options: TrackUsageModuleOptions,
  prepare: (app: INestApplication) => void = () => undefined,
): Promise<Member> {
  const Root = moduleOf({ track: options, controllers });
  const own = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(
    Root,
    typeof adapter === 'string' ? (own as ExpressAdapter) : adapter,
    { logger: false, abortOnError: false },
  );
  prepare(app);
  await app.init();
  const instance = app.getHttpAdapter().getInstance() as {
    ready?(): Promise<void>;
    routing?: RequestListener;
  };
  await instance.ready?.();
  const usage = app.get(UsageService);
  const made: Member = {
    app,
    listener: (instance.routing ?? instance) as RequestListener,
    async records() {
      expect(await usage.flush()).toBe(true);
      return usage.getUsage();
    },
  };
  members.push(made);
  return made;
}

/** Sends requests to what listens, and returns the answers. */
async function ask(listener: RequestListener, ...paths: string[]): Promise<string[]> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const client = new RawClient((server.address() as AddressInfo).port, new Signals());
  const answers: string[] = [];
  for (const path of paths) {
    const headers = {
      'accept-encoding': 'gzip',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    };
    answers.push((await client.exchange(requestText(`GET ${path}`, headers))).toString('latin1'));
  }
  return answers;
}

const INNER = { mode: 'include', ip: 'none', serverName: 'inner' } as const;

describe.each(ADAPTERS)('An application in one on %s', (outerKind) => {
  describe.each(ADAPTERS)('itself on %s', (innerKind) => {
    async function chain(
      mode: 'include' | 'exclude',
      controllersOf: (inner: Member) => Type[] = () => [],
    ) {
      const inner = await member(innerKind, [Cats], INNER);
      const controllers = controllersOf(inner);
      const outer = await member(outerKind, controllers, { mode, serverName: 'outer' }, (app) => {
        app.use('/admin', inner.listener);
      });
      return { inner, outer };
    }

    it('records what its handlers answer, with its own options, and the outer one nothing', async () => {
      const { inner, outer } = await chain('exclude');
      await ask(outer.listener, '/admin/cats/7?a=1', '/admin/nowhere', '/elsewhere');
      expect(await inner.records()).toMatchObject([
        { path: '/admin/nowhere', route: null, status: 404 },
        {
          url: 'http://shop.example/admin/cats/7?a=1',
          route: '/cats/:id',
          blueprint: 'Cats',
          status: 200,
          contentLength: 7,
          outcome: 'completed',
          remoteAddr: null,
          serverName: 'inner',
          trackVar: { of: 'inner' },
        },
      ]);
      expect(await outer.records()).toEqual([]);
    });

    it('is one of the requests of an outer one that tracks all that reaches it', async () => {
      const { inner, outer } = await chain('include');
      await ask(outer.listener, '/admin/cats/7', '/elsewhere');
      expect(await inner.records()).toMatchObject([
        { route: '/cats/:id', remoteAddr: null, serverName: 'inner' },
      ]);
      expect(await outer.records()).toMatchObject([
        { path: '/elsewhere', status: 404 },
        {
          path: '/admin/cats/7',
          route: null,
          blueprint: null,
          handler: null,
          viewArgs: null,
          trackVar: null,
          status: 200,
          contentLength: 7,
          outcome: 'completed',
          remoteAddr: '127.0.0.1',
          serverName: 'outer',
        },
      ]);
    });

    it('and both of them, where a handler of the outer one calls it', async () => {
      const { inner, outer } = await chain('exclude', ({ listener }) => {
        @TrackUsage()
        @Controller('gate')
        class Gate {
          @Get('cats/:id') pass(
            @Req() request: any,
            @Res() response: any,
            @TrackVar() vars: TrackVars,
          ) {
            vars.of = 'outer';
            const raw = request.raw ?? request;
            response.hijack?.();
            raw.url = raw.url.replace('/gate', '');
            listener(raw, response.raw ?? response);
          }
        }
        return [Gate];
      });
      await ask(outer.listener, '/gate/cats/7');
      expect(await inner.records()).toMatchObject([
        { route: '/cats/:id', blueprint: 'Cats', status: 200, trackVar: { of: 'inner' } },
      ]);
      expect(await outer.records()).toMatchObject([
        { route: '/gate/cats/:id', blueprint: 'Gate', status: 200, trackVar: { of: 'outer' } },
      ]);
    });
  });
});

describe('A chain of applications on Express', () => {
  it('counts in each what was sent, though the outer one has compressed it', async () => {
    const inner = await member('express', [Cats], { mode: 'include' });
    const outer = await member('express', [], { mode: 'include' }, (app) => {
      app.use(compression());
      app.use('/admin', inner.listener);
    });
    await ask(outer.listener, '/admin/cats/long');
    const [[ofInner], [ofOuter]] = [await inner.records(), await outer.records()];
    expect(ofInner!.contentLength).toBeLessThan(LONG.length / 10);
    expect(ofInner!.contentLength).toBe(ofOuter!.contentLength);
  });

  it.each([
    [true, false],
    [false, true],
  ])('trusts proxies in each as it says: outer %s, inner %s', async (ofOuter, ofInner) => {
    const trust = (trusts: boolean) => (app: INestApplication) =>
      (app.getHttpAdapter().getInstance() as express.Express).set('trust proxy', trusts);
    const options = { mode: 'include' } as const;
    const inner = await member('express', [Cats], options, trust(ofInner));
    const outer = await member('express', [], options, (app) => {
      trust(ofOuter)(app);
      app.use('/admin', inner.listener);
    });
    await ask(outer.listener, '/admin/cats/7');
    const client = (trusts: boolean) => [
      trusts
        ? { url: 'https://shop.example/admin/cats/7', remoteAddr: '203.0.113.7' }
        : { url: 'http://shop.example/admin/cats/7', remoteAddr: '127.0.0.1' },
    ];
    expect(await inner.records()).toMatchObject(client(ofInner));
    expect(await outer.records()).toMatchObject(client(ofOuter));
  });

  it('may be longer than two', async () => {
    const first = await member('express', [Cats], { mode: 'exclude' });
    const second = await member('express', [], { mode: 'include' }, (app) =>
      app.use('/b', first.listener),
    );
    const third = await member('express', [], { mode: 'include' }, (app) =>
      app.use('/a', second.listener),
    );
    await ask(third.listener, '/a/b/cats/7');
    const path = '/a/b/cats/7';
    expect(await first.records()).toMatchObject([{ path, handler: 'one', status: 200 }]);
    expect(await second.records()).toMatchObject([{ path, handler: null, status: 200 }]);
    expect(await third.records()).toMatchObject([{ path, handler: null, status: 200 }]);
  });
});

describe('Two applications that share one Express instance', () => {
  @Controller('dogs')
  class Dogs {
    @Get(':id') one() {
      return 'one dog';
    }
  }
  const prefixed = (prefix: string) => (app: INestApplication) => app.setGlobalPrefix(prefix);

  it.each(['include', 'exclude'] as const)(
    'record what their own handlers answer, each with its own options, in the %s mode',
    async (mode) => {
      const shared = express();
      const cats = await member(
        new ExpressAdapter(shared),
        [Cats],
        { mode, ip: 'none' },
        prefixed('a'),
      );
      const dogs = await member(
        new ExpressAdapter(shared),
        [Dogs],
        { mode, include: [Dogs] },
        prefixed('b'),
      );
      await ask(shared, '/a/cats/7', '/b/dogs/8', '/nowhere');
      const unknown = { path: '/nowhere', route: null, status: 404 };
      const missed = mode === 'include' ? [unknown] : [];
      expect(await cats.records()).toMatchObject([
        ...missed,
        { route: '/a/cats/:id', status: 200, remoteAddr: null },
      ]);
      expect(await dogs.records()).toMatchObject([
        ...missed,
        { route: '/b/dogs/:id', status: 200, remoteAddr: '127.0.0.1' },
      ]);
    },
  );

  it('may share the adapter too', async () => {
    const adapter = new ExpressAdapter();
    const cats = await member(adapter, [Cats], { mode: 'exclude' }, prefixed('a'));
    const dogs = await member(adapter, [Dogs], { mode: 'exclude', include: [Dogs] }, prefixed('b'));
    await ask(adapter.getInstance(), '/a/cats/7', '/b/dogs/8');
    expect(await cats.records()).toMatchObject([{ route: '/a/cats/:id' }]);
    expect(await dogs.records()).toMatchObject([{ route: '/b/dogs/:id' }]);
  });
});
