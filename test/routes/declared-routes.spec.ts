import {
  All,
  Controller,
  Get,
  Head,
  Module,
  Post,
  RequestMethod,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type VersioningOptions,
} from '@nestjs/common';
import { LazyModuleLoader, RouterModule } from '@nestjs/core';
import { SkipTracking, TrackUsage, type UsageRoute } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms, type TestApp } from '../support/applications.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get() all() {
    return [];
  }
  @Head('alive') alive() {}
  @Get(':id') one() {
    return {};
  }
  @Post() make() {
    return {};
  }
  @SkipTracking()
  @Get('secret/health')
  health() {}
}

class Base {
  @Get('inherited') inherited() {
    return 'base';
  }
  @Get('replaced') replaced() {
    return 'base';
  }
}

@TrackUsage({ blueprint: 'things' })
@Controller(['things', 'dinge'])
class ThingsController extends Base {
  @Get('replaced') override replaced() {
    return 'own';
  }
  @All('any') any() {
    return 'any';
  }
  @Get('any/files/*') files() {
    return 'file';
  }
}

@TrackUsage()
@Controller({ path: 'hosted', host: ['one.example', 'two.example'] })
class HostedController {
  @Get() get() {
    return 'hosted';
  }
}

@TrackUsage()
@Controller({ path: 'versioned', version: ['1', '2'] })
class VersionedController {
  @Get() both() {
    return 'both';
  }
  @Version('3') @Get() third() {
    return 'third';
  }
  @Version([VERSION_NEUTRAL, '4']) @Get('neutral') neutral() {
    return 'neutral';
  }
}

@Controller('late')
@TrackUsage()
class LateController {
  @Get() get() {
    return 'late';
  }
}
@Module({ controllers: [LateController] })
class LateModule {}

@Module({ controllers: [CatsController] })
class CatsModule {}

const shown = (routes: readonly UsageRoute[]) =>
  routes.map(({ method, path, apiVersion }) => `${method} ${path} ${apiVersion ?? '-'}`).sort();
const called = (routes: readonly UsageRoute[]) =>
  Object.fromEntries(
    routes
      .filter(({ hits }) => hits > 0)
      .map(({ method, path, apiVersion, hits }) => [
        `${method} ${path} ${apiVersion ?? '-'}`,
        hits,
      ]),
  );
const routesOf = async ({ usage }: TestApp) => {
  await usage.flush();
  return usage.routes();
};

onPlatforms('The routes that an application declares ($name)', (start, platform) => {
  it('are listed with their handlers, and whether they are tracked', async () => {
    const shop = await start({ controllers: [CatsController, HostedController] });
    const routes = await routesOf(shop);
    expect(routes).toHaveLength(6);
    expect(routes[2]).toEqual({
      service: null,
      method: 'GET',
      path: '/cats/:id',
      apiVersion: null,
      host: null,
      controller: 'CatsController',
      handler: 'one',
      tracked: true,
      deprecated: null,
      hits: 0,
      errors: 0,
      consumers: 0,
      firstSeen: null,
      lastSeen: null,
      observedSince: expect.any(Date),
      gone: null,
    });
    expect(routes.find(({ handler }) => handler === 'health')).toMatchObject({
      path: '/cats/secret/health',
      tracked: false,
      observedSince: null,
      hits: 0,
    });
    expect(routes.find(({ controller }) => controller === 'HostedController')?.host).toBe(
      'one.example, two.example',
    );
  });

  it('have the prefix, but for those that are excluded from it, and the path of their module', async () => {
    const shop = await start({
      imports: [CatsModule, RouterModule.register([{ path: 'pets', module: CatsModule }])],
      controllers: [ThingsController],
      configure: (app) =>
        app.setGlobalPrefix('api', {
          exclude: [{ path: 'things/any', method: RequestMethod.ALL }, 'dinge/inherited'],
        }),
    });
    expect(shown(await routesOf(shop))).toEqual(
      [
        'GET /api/pets/cats -',
        'GET /api/pets/cats/:id -',
        'POST /api/pets/cats -',
        'HEAD /api/pets/cats/alive -',
        'GET /api/pets/cats/secret/health -',
        'GET /api/things/inherited -',
        'GET /dinge/inherited -',
        'GET /api/things/replaced -',
        'GET /api/dinge/replaced -',
        'ALL /things/any -',
        'ALL /api/dinge/any -',
        'GET /api/things/any/files/* -',
        'GET /api/dinge/any/files/* -',
      ].sort(),
    );
    for (const path of [
      '/api/pets/cats/7',
      '/api/pets/cats/8',
      '/things/any',
      '/dinge/inherited',
      '/api/things/any/files/a/b',
    ])
      expect((await shop.fetch(path)).status).toBe(200);
    expect((await shop.fetch('/things/any', { method: 'DELETE' })).status).toBe(200);
    expect(called(await routesOf(shop))).toEqual({
      'GET /api/pets/cats/:id -': 2,
      'ALL /things/any -': 2,
      'GET /dinge/inherited -': 1,
      'GET /api/things/any/files/* -': 1,
    });
  });

  const versioned: Record<
    string,
    [VersioningOptions, (version: string) => [string, RequestInit?]]
  > = {
    'in the URI': [
      { type: VersioningType.URI },
      (version) => [version === '' ? '' : `/v${version}`],
    ],
    'in the URI, with a prefix of their own': [
      { type: VersioningType.URI, prefix: 'version-' },
      (version) => [version === '' ? '' : `/version-${version}`],
    ],
    'in a header': [
      { type: VersioningType.HEADER, header: 'x-version' },
      (version) => ['', { headers: new Headers(version === '' ? [] : [['x-version', version]]) }],
    ],
    'in the media type': [
      { type: VersioningType.MEDIA_TYPE, key: 'v=' },
      (version) => ['', { headers: { accept: `application/json${version && `;v=${version}`}` } }],
    ],
    'by a function': [
      {
        type: VersioningType.CUSTOM,
        extractor: (request: unknown) =>
          (request as { headers: Record<string, string> }).headers['x-custom'] ?? '',
      },
      (version) => ['', { headers: new Headers([['x-custom', version]]) }],
    ],
  };
  for (const [where, [options, ask]] of Object.entries(versioned))
    it(`have a line for each version, ${where}`, async () => {
      const shop = await start({
        controllers: [VersionedController, CatsController],
        configure: (app: INestApplication) => app.enableVersioning(options),
      });
      const isUri = options.type === VersioningType.URI;
      const prefix = options.type === VersioningType.URI ? String(options.prefix ?? 'v') : '';
      const path = (version: string, rest: string) => (isUri ? `/${prefix}${version}` : '') + rest;
      const expected = [
        `GET ${path('1', '/versioned')} 1`,
        `GET ${path('2', '/versioned')} 2`,
        `GET ${path('3', '/versioned')} 3`,
        `GET ${path('4', '/versioned/neutral')} 4`,
        'GET /versioned/neutral -',
      ];
      const before = shown(await routesOf(shop)).filter((line) => line.includes('versioned'));
      expect(before).toEqual([...expected].sort());
      const send = async (version: string, rest: string) => {
        const [front, init] = ask(version);
        const { status } = await shop.fetch(front + rest, init);
        expect(status).toBe(200);
      };
      await send('1', '/versioned');
      await send('2', '/versioned');
      await send('2', '/versioned');
      await send('3', '/versioned');
      await send('4', '/versioned/neutral');
      // A function of the application's own reads no version as none: Nest then finds no route.
      const isNeutral = options.type !== VersioningType.CUSTOM;
      if (isNeutral) await send('', '/versioned/neutral');
      expect(called(await routesOf(shop))).toEqual({
        [expected[0]!]: 1,
        [expected[1]!]: 2,
        [expected[2]!]: 1,
        [expected[3]!]: 1,
        ...(isNeutral && { [expected[4]!]: 1 }),
      });
    });

  it('are not those of modules that are loaded later, which Nest does not serve', async () => {
    const shop = await start({ controllers: [CatsController] });
    await shop.app.get(LazyModuleLoader).load(() => LateModule);
    expect((await shop.fetch('/late')).status).toBe(404);
    expect(shown(await routesOf(shop)).join()).not.toContain('/late');
  });

  it('count neither HEAD nor OPTIONS as calls, but on routes of their own', async () => {
    const shop = await start({ controllers: [CatsController, ThingsController] });
    for (const [path, method] of [
      ['/cats', 'HEAD'],
      ['/things/any', 'HEAD'],
      ['/things/any', 'OPTIONS'],
      ['/cats/alive', 'HEAD'],
    ] as const)
      expect((await shop.fetch(path, { method })).status).toBe(200);
    expect(called(await routesOf(shop))).toEqual({ 'HEAD /cats/alive -': 1 });
  });

  // Fastify refuses a second route of one method and path.
  it.skipIf(platform.name === 'Fastify')(
    'are counted by handler where several answer one path',
    async () => {
      @TrackUsage()
      @Controller({ path: 'shared', host: 'one.example' })
      class OneController {
        @Get() one() {
          return 'one';
        }
      }
      @TrackUsage()
      @Controller('shared')
      class OtherController {
        @Get() other() {
          return 'other';
        }
        @All() rest() {
          return 'rest';
        }
      }
      const shop = await start({ controllers: [OneController, OtherController] });
      for (const method of ['GET', 'GET', 'PUT', 'DELETE', 'PUT'])
        await shop.fetch('/shared', { method });
      const routes = await routesOf(shop);
      expect(routes.map(({ handler, hits, host }) => [handler, hits, host])).toEqual([
        ['one', 0, 'one.example'],
        ['other', 2, null],
        ['rest', 3, null],
      ]);
    },
  );

  it('say which consumers called, in which span, and of which requests', async () => {
    const shop = await start({
      controllers: [CatsController],
      track: {
        consumer: (request: { headers: Record<string, string> }) =>
          request.headers['x-name'] ?? null,
      },
    });
    for (const name of ['ada', 'bob', 'ada'])
      await shop.fetch('/cats', { headers: { 'x-name': name } });
    await shop.usage.flush();
    const [all] = await shop.usage.routes({ last: '1h' });
    expect(all).toMatchObject({ hits: 3, errors: 0, consumers: 2 });
    expect(all!.firstSeen!.getTime()).toBeLessThanOrEqual(all!.lastSeen!.getTime());
    const [adas] = await shop.usage.routes({ where: { consumer: 'ada' } });
    expect(adas).toMatchObject({ hits: 2, consumers: 1 });
    const [none] = await shop.usage.routes({ endDate: new Date(Date.now() - 3_600_000) });
    expect(none).toMatchObject({ hits: 0, consumers: 0, lastSeen: null });
    for (const where of [{ route: 'GET /cats' }, { handler: 'all' }, { apiVersion: null }])
      await expect(shop.usage.routes({ where })).rejects.toThrow(
        /where\.(route|handler|apiVersion): expected no condition on routes/,
      );
    await expect(shop.usage.routes({ lasst: '1h' } as never)).rejects.toThrow(/did you mean last/);
  });
});
