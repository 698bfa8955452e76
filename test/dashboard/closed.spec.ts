import {
  Controller,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  SetMetadata,
  UseGuards,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { APP_GUARD, Reflector, REQUEST } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import compression from 'compression';
import helmet from 'helmet';
import { TrackUsage } from 'nestjs-track-usage';
import { basicAuth, UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

const PATHS = [
  '',
  '/',
  '?range=30d',
  '/style.css',
  '/script.js',
  '/icon.svg',
  '/panel?name=tiles',
  '/live',
  '/report.json',
  '/report.csv',
  '/records.json',
  '/records.csv',
  '/records.ndjson',
  '/nothing/here',
];
const basic = (text: string) => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const allowed = basic('admin:se:cret');
const guards = [basicAuth({ user: 'admin', password: 'se:cret' })];
const dashboard = () => UsageDashboardModule.forRoot({ guards });

describe('A dashboard without guards', () => {
  it.each([undefined, [], 'all', [null], [{}]])(
    'is refused with %j, and says how to write it',
    (given) => {
      const options = given === undefined ? {} : { guards: given };
      expect(() => UsageDashboardModule.forRoot(options as any)).toThrow(
        /guards: expected a list of guards.*forRoot\(\{ guards: \[AdminGuard\] \}\).*'none' lets everybody in/s,
      );
    },
  );

  it.each([
    ['path', '/a b'],
    ['path', 'a/:id'],
    ['hide', 'remoteAddr'],
    ['records', 'no'],
    ['nonsense', 1],
  ])('is told that %s is wrong', (name, value) => {
    expect(() => UsageDashboardModule.forRoot({ guards: 'none', [name]: value } as any)).toThrow(
      new RegExp(`UsageDashboardModule: ${name}: expected`),
    );
  });

  it.each([
    [{ user: 'admin', password: undefined }, /password: expected text.*environment variable/],
    [{ user: 'admin', password: '' }, /password/],
    [{ user: 'a:b', password: 'x' }, /user: expected text without a colon/],
  ])('basicAuth(%j) is refused', (given, message) => {
    expect(() => basicAuth(given)).toThrow(message);
  });
});

onPlatforms('A dashboard on $name', (start, platform) => {
  it('answers nothing without credentials, whatever the path and the method are', async () => {
    const { fetch } = await start({ imports: [dashboard()] });
    for (const path of PATHS) {
      for (const headers of [
        {},
        basic('admin:wrong'),
        basic('admin'),
        { authorization: 'Basic §' },
      ]) {
        const response = await fetch(`/usage${path}`, { headers }).catch(() => null);
        if (response === null) continue; // not a header that fetch sends
        expect([path, response.status]).toEqual([path, 401]);
        expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(await response.text()).not.toContain('<');
      }
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect((await fetch('/usage', { method })).status).toBe(401);
  });

  it('shows itself to who has them, with a policy of its own and no absolute link', async () => {
    const { fetch } = await start({ imports: [dashboard()] });
    for (const path of ['/usage', '/usage/', '/usage?range=24h']) {
      const response = await fetch(path, { headers: allowed });
      expect(response.status).toBe(200);
      const policy = response.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      const text = await response.text();
      expect(text).not.toMatch(/(?:href|src|action)="(?:\/|https?:)/);
      expect(text).not.toMatch(/ style="|<style|<script>| on\w+="/);
      const [, sheet = ''] = /href="([^"]*style\.css)"/.exec(text) ?? [];
      const found = await fetch(new URL(sheet, `http://x${path}`).pathname, { headers: allowed });
      expect(found.headers.get('content-type')).toContain('text/css');
    }
    expect((await fetch('/usage', { method: 'POST', headers: allowed })).status).toBe(405);
    expect((await fetch('/usage/nothing', { headers: allowed })).status).toBe(404);
  });

  it('is not tracked itself, in mode include too, whoever asks', async () => {
    const { fetch, records } = await start({ track: { mode: 'include' }, imports: [dashboard()] });
    for (const path of PATHS.filter((each) => each !== '/live')) {
      await fetch(`/usage${path}`);
      await fetch(`/usage${path}`, { headers: allowed });
    }
    await fetch('/cats/1');
    expect((await records()).map(({ path }) => path)).toEqual(['/cats/1']);
  });

  describe('guards of the application', () => {
    @Injectable()
    class Roles {
      of = (request: any) => request.headers['x-role'];
    }
    @Injectable()
    class AdminGuard implements CanActivate {
      constructor(
        private readonly roles: Roles,
        private readonly reflector: Reflector,
      ) {}
      canActivate(context: ExecutionContext) {
        const targets = [context.getHandler(), context.getClass()];
        if (this.reflector.getAllAndOverride('isPublic', targets)) return true;
        return of(this.roles.of(context.switchToHttp().getRequest()) === 'admin');
      }
    }
    @Module({ providers: [Roles], exports: [Roles] })
    class RolesModule {}
    const asAdmin = { headers: { 'x-role': 'admin' } };

    it('are created with what imports offer', async () => {
      const imports = [
        UsageDashboardModule.forRoot({
          path: 'stats',
          guards: [AdminGuard],
          imports: [RolesModule],
        }),
      ];
      const { fetch } = await start({ imports });
      for (const path of PATHS) expect((await fetch(`/stats${path}`)).status).toBe(403);
      expect((await fetch('/stats', asAdmin)).status).toBe(200);
    });

    it('come from the application where they are its providers', async () => {
      @Injectable()
      class CountingGuard implements CanActivate {
        asked = 0;
        canActivate() {
          this.asked++;
          return true;
        }
      }
      const imports = [UsageDashboardModule.forRoot({ guards: [CountingGuard] })];
      const { app, fetch } = await start({ imports, providers: [CountingGuard] });
      await fetch('/usage/style.css');
      await fetch('/usage/script.js');
      expect(app.get(CountingGuard).asked).toBe(2);
    });

    it('may be of each request its own', async () => {
      @Injectable({ scope: Scope.REQUEST })
      class RequestGuard implements CanActivate {
        constructor(@Inject(REQUEST) private readonly request: any) {}
        canActivate() {
          return this.request.headers['x-role'] === 'admin';
        }
      }
      const imports = [UsageDashboardModule.forRoot({ guards: [RequestGuard] })];
      const { fetch } = await start({ imports, providers: [RequestGuard] });
      expect((await fetch('/usage')).status).toBe(403);
      expect((await fetch('/usage', asAdmin)).status).toBe(200);
    });

    it('are named with what to import, where they cannot be created', async () => {
      const imports = [UsageDashboardModule.forRoot({ guards: [AdminGuard] })];
      await expect(start({ imports })).rejects.toThrow(
        /guard AdminGuard could not be created.*imports: \[AuthModule\]/s,
      );
    });

    it('are asked in their order, and what they throw is answered', async () => {
      class Refusing implements CanActivate {
        canActivate(): boolean {
          throw new ForbiddenException('not today');
        }
      }
      const imports = [UsageDashboardModule.forRoot({ guards: [...guards, Refusing] })];
      const { fetch } = await start({ imports });
      expect((await fetch('/usage')).status).toBe(401);
      const refused = await fetch('/usage', { headers: allowed });
      expect([refused.status, await refused.text()]).toEqual([
        403,
        expect.stringContaining('not today'),
      ]);
    });
  });

  describe('in the application around it', () => {
    const page = async (
      fetch: (path: string, init?: RequestInit) => Promise<Response>,
      path: string,
    ) => {
      const response = await fetch(path, { headers: allowed });
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.text()).toContain('</html>');
      const data = await fetch(`${path.replace(/\/$/, '')}/report.json`, { headers: allowed });
      expect(await data.json()).toMatchObject({ totals: { hits: expect.any(Number) } });
    };

    it.each<[string, string, (app: INestApplication) => void]>([
      ['a global prefix', '/api/usage', (app) => app.setGlobalPrefix('api')],
      [
        'a global prefix that excludes it',
        '/usage',
        (app) => app.setGlobalPrefix('api', { exclude: ['usage', 'usage/*rest'] }),
      ],
      ['versions in the URI', '/usage', (app) => app.enableVersioning()],
      [
        'versions in a header',
        '/usage',
        (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-v' }),
      ],
      [
        'versions in the media type',
        '/usage',
        (app) => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=' }),
      ],
      [
        'versions of its own making',
        '/usage',
        (app) => app.enableVersioning({ type: VersioningType.CUSTOM, extractor: () => '7' }),
      ],
    ])('works with %s', async (_, path, configure) => {
      const { fetch } = await start({ imports: [dashboard()], configure });
      await page(fetch, path);
      await page(fetch, `${path}/`);
    });

    it('works below interceptors, filters and pipes that act on everything', async () => {
      const { fetch } = await start({
        imports: [dashboard()],
        configure: (app) => {
          app.useGlobalInterceptors({
            intercept: (_: ExecutionContext, next: CallHandler) =>
              next.handle().pipe(map((data) => ({ data }))),
          });
          app.useGlobalFilters({
            catch(_error, host) {
              const response = host.switchToHttp().getResponse();
              response.status(418).send({ filtered: true });
            },
          });
          app.useGlobalPipes({
            transform() {
              throw new Error('nothing is valid');
            },
          });
        },
      });
      await page(fetch, '/usage');
      const wrong = await fetch('/usage/report.json?metrics=hist', { headers: allowed });
      expect([wrong.status, await wrong.json()]).toMatchObject([400, { field: 'metrics' }]);
    });

    it('keeps its own policy beside helmet, and is compressed', async () => {
      const { default: fastifyHelmet } = await import('@fastify/helmet');
      const { default: fastifyCompress } = await import('@fastify/compress');
      const isExpress = platform.name === 'Express';
      const { url, fetch } = await start({
        imports: [dashboard()],
        configure: async (app) => {
          if (isExpress) app.use(helmet(), compression({ threshold: 0 }));
          else {
            // Routes that are registered before a plugin has loaded do not have it.
            await (app as NestFastifyApplication).register(fastifyHelmet);
            await (app as NestFastifyApplication).register(fastifyCompress, { threshold: 0 });
          }
        },
      });
      const headers = { ...allowed, 'accept-encoding': 'gzip' };
      const response = await fetch('/usage', { headers });
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(response.headers.get('x-dns-prefetch-control')).toBe('off');
      expect(await response.text()).toContain('</html>');
      expect(response.headers.get('content-encoding')).toBe('gzip');
      for (const name of ['records.csv', 'report.json', 'style.css', 'script.js']) {
        const file = await fetch(`/usage/${name}`, { headers });
        expect([name, file.headers.get('content-encoding')]).toEqual([name, 'gzip']);
        if (name === 'records.csv') expect(await file.text()).toMatch(/^id,date,/);
      }
      // Events are not kept back by what compresses.
      const ended = new AbortController();
      const { signal } = ended;
      const live = await globalThis.fetch(`${url}/usage/live`, { headers, signal });
      expect(live.headers.get('content-encoding')).toBe(null);
      const reader = live.body!.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toContain('retry:');
      ended.abort();
    });

    it('answers 429 where the application limits requests', async () => {
      const { fetch } = await start({
        imports: [dashboard(), ThrottlerModule.forRoot([{ ttl: 60_000, limit: 3 }])],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      });
      await page(fetch, '/usage');
      await fetch('/usage');
      expect((await fetch('/usage', { headers: allowed })).status).toBe(429);
    });

    it('lets the application’s own routes be', async () => {
      const Public = () => SetMetadata('isPublic', true);
      @TrackUsage()
      @Controller('usage-of-cats')
      @UseGuards()
      class Beside {
        @Public()
        @Get()
        get() {
          return 'beside';
        }
      }
      const { fetch } = await start({ imports: [dashboard()], controllers: [Beside] });
      expect(await (await fetch('/usage-of-cats')).text()).toBe('beside');
    });
  });
});
