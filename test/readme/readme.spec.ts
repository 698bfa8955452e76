import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TerminusModule } from '@nestjs/terminus';
import {
  getUsageStorageToken,
  MemoryStorage,
  summary,
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type ReportQuery,
  type UsageRecord,
} from 'nestjs-track-usage';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { PrometheusWriter } from 'nestjs-track-usage/prometheus';
import { register } from 'prom-client';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { platforms, startApp } from '../support/platforms.js';
import { server, type ServerName } from '../support/servers.js';
import { RECORD_FIELDS } from '../../lib/record/record-fields.js';
import { compilerErrors, readSnippets, textOf, writeSnippets, type Snippet } from './snippets.js';

const folder = new URL('.snippets/readme/', import.meta.url);

const [express] = platforms;
if (express === undefined) throw new Error('no platform');

@TrackUsage()
@Controller()
class ThingsController {
  @Get('things')
  things(): string[] {
    return [];
  }

  @Get('fails')
  fails(): void {
    throw new Error('as it should');
  }
}

/** Runs one snippet, and asserts what its page says of it. */
const runs: Record<string, (load: (name: string) => Promise<any>) => Promise<void>> = {
  'src/app.module.ts': async (load) => {
    process.env.USAGE_PASSWORD = 'secret';
    const { AppModule } = await load('src/app.module.ts');
    await inEmptyFolder(async () => {
      const { app, url } = await startApp(AppModule, express);
      expect((await fetch(`${url}/usage`)).status).toBe(401);
      await showsTheFirstRecord(app, { authorization: `Basic ${btoa('admin:secret')}` });
    });
    delete process.env.USAGE_PASSWORD;
  },
  'src/main.ts': async (load) => {
    process.env.USAGE_PASSWORD = 'secret';
    await bootstrapped(load, async (app) => {
      expect(app.getHttpAdapter().getType()).toBe('fastify');
      await showsTheFirstRecord(app, { authorization: `Basic ${btoa('admin:secret')}` });
    });
    delete process.env.USAGE_PASSWORD;
  },
  'cats.module.ts': async (load) => {
    const { CatsModule } = await load('cats.module.ts');
    await inEmptyFolder(async () => {
      const { app, url } = await startApp(CatsModule, express);
      await fetch(`${url}/cats/7`);
      await fetch(`${url}/cats/health/check`);
      await app.get(UsageService).flush();
      const latest: any = await (await fetch(`${url}/report/latest`)).json();
      expect(latest).toMatchObject([{ route: '/cats/:id', trackVar: { plan: 'pro' } }]);
      const routes: any = await (await fetch(`${url}/report/routes`)).json();
      expect(routes.rows).toMatchObject([{ route: 'GET /cats/:id', hits: 1 }]);
      await app.close();
    });
  },
  'cats.controller.ts': async (load) => {
    expect(await load('cats.controller.ts')).toHaveProperty('CatsController');
  },
  'report.controller.ts': async (load) => {
    expect(await load('report.controller.ts')).toHaveProperty('ReportController');
  },
  'reading.service.ts': async (load) => {
    const { ReadingService } = await load('reading.service.ts');
    const date = new Date(Date.UTC(2026, 0, 1));
    const storage = new MemoryStorage();
    const module = await Test.createTestingModule({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
      providers: [ReadingService],
    }).compile();
    await storage.store([
      makeRecord({ date, status: 500, blueprint: 'A', contentLength: 5 }),
      makeRecord({ date, username: 'ada', blueprint: 'A', contentLength: 7 }),
    ]);
    const reading = module.get(ReadingService);
    expect(await reading.failures(date, date)).toMatchObject([{ status: 500 }]);
    expect(await reading.count('ada')).toBe(1);
    expect(await reading.bytesOf('A')).toBe(12);
    await module.close();
  },
  'routes.service.ts': async (load) => {
    const { RoutesService } = await load('routes.service.ts');
    const { OldCatsController } = await load('old-cats.controller.ts');
    const storage = new MemoryStorage();
    @Module({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
      controllers: [ThingsController, OldCatsController],
      providers: [RoutesService],
    })
    class RoutesModule {}
    const { app, url } = await startApp(RoutesModule, express);
    const [usage, routes] = [app.get(UsageService), app.get(RoutesService)];
    await fetch(`${url}/old-cats`);
    await usage.flush();
    await usage.routes();
    expect(await routes.deprecated()).toMatchObject([{ path: '/old-cats', hits: 1 }]);
    expect(await routes.unused()).toEqual([]);
    // As if they had been declared a year ago.
    for (const name of (await storage.readNotes('routes')).keys())
      await storage.changeNote('routes', name, (text) =>
        text!.replaceAll(
          /"observedSince":\d+/g,
          `"observedSince":${Date.now() - 365 * 86_400_000}`,
        ),
      );
    const unused = (await routes.unused()) as { path: string }[];
    expect(unused.map(({ path }) => path)).toEqual(['/things', '/fails']);
    expect(await routes.inTheWay()).toEqual([]);
    expect((await routes.byConsumer()).rows).toEqual([
      { consumer: null, deprecated: true, hits: 1 },
    ]);
    await app.close();
  },
  'old-cats.controller.ts': async (load) => {
    const { OldCatsController } = await load('old-cats.controller.ts');
    @Module({
      imports: [TrackUsageModule.forRoot({ storages: [new MemoryStorage()] })],
      controllers: [OldCatsController],
    })
    class OldCatsModule {}
    const { app, url } = await startApp(OldCatsModule, express);
    const { headers } = await fetch(`${url}/old-cats`);
    expect(headers.get('deprecation')).toBe(`@${Date.UTC(2026, 9, 1) / 1000}`);
    expect(headers.get('sunset')).toBe('Thu, 01 Apr 2027 00:00:00 GMT');
    expect(headers.get('link')).toBe('<https://shop.example/docs/cats>; rel="deprecation"');
    await app.close();
  },
  'own-summaries.ts': async (load) => {
    const { ofTenants } = await load('own-summaries.ts');
    const tenants = summary('tenant', ({ consumerGroup }) => consumerGroup);
    const storage = new MemoryStorage({ hooks: [tenants] });
    const status = 500;
    await storage.store([
      makeRecord({ status, consumerGroup: 'acme' }),
      makeRecord({ status, consumerGroup: 'globex' }),
      makeRecord({ status, consumerGroup: null }),
    ]);
    expect(await storage.countUsage({ where: ofTenants })).toBe(2);
  },
  'filters.ts': async (load) => {
    const { failures, slow, callers, ofPlan } = await load('filters.ts');
    const storage = new MemoryStorage();
    const mau = { trackVar: { plan: 'pro' }, urlArgs: { q: 'mau mau' } };
    const userAgent = { ...makeRecord().userAgent, kind: 'bot' as const };
    await storage.store([
      makeRecord({ status: 503, consumer: 'acme' }),
      makeRecord({ status: 503, consumer: 'acme', route: '/dogs', userAgent }),
      makeRecord({ speed: 0.5, method: 'HEAD' }),
      makeRecord({ speed: 10 }),
      makeRecord(mau),
      makeRecord({ ...mau, urlArgs: { q: 'm' } }),
    ]);
    for (const where of [failures, slow, callers, ofPlan])
      expect(await storage.countUsage({ where })).toBe(1);
  },
  'tenants.module.ts': async (load) => {
    const { TenantsModule, TenantReport } = await load('tenants.module.ts');
    const module = await Test.createTestingModule({ imports: [TenantsModule] }).compile();
    const storage = module.get<MemoryStorage>(getUsageStorageToken(), { strict: false });
    const date = new Date();
    await storage.store([
      makeRecord({ date, trackVar: { tenant: 'acme' } }),
      makeRecord({ date, trackVar: { tenant: 'acme' } }),
      makeRecord({ date }),
    ]);
    const report = module.get(TenantReport);
    expect(await report.hitsOf('acme')).toBe(2);
    expect((await report.busiest(date, date)).day).toMatchObject([
      { key: 'acme', hits: 2 },
      { key: '(none)', hits: 1 },
    ]);
    await module.close();
  },
  'sqlite.module.ts': async (load) => {
    const { SqliteModule } = await load('sqlite.module.ts');
    await inEmptyFolder(async () => {
      await withApp([SqliteModule], async (app) => {
        const usage = app.get(UsageService);
        await usage.flush();
        expect((await usage.getSum('url')).hour).toMatchObject([{ hits: 1 }]);
      });
      expect(existsSync('data/usage.sqlite')).toBe(true);
    });
  },
  'sql-own.module.ts': async (load) => {
    const { SqlOwnModule } = await load('sql-own.module.ts');
    expect(await recordsOf([SqlOwnModule])).toMatchObject([{ route: '/things' }]);
  },
  'sql-shared.module.ts': async (load) => {
    const { SqlSharedModule, SlowRequests } = await load('sql-shared.module.ts');
    await withApp([SqlSharedModule], async (app) => {
      const { records } = app.get(SlowRequests);
      expect(await records.find()).toMatchObject([{ route: '/things' }]);
    });
  },
  'mongo.module.ts': (load) =>
    withServer('MONGODB', 'MONGODB_URI', async () => {
      const { MongoModule } = await load('mongo.module.ts');
      expect((await recordsOf([MongoModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'mongoose.module.ts': (load) =>
    withServer('MONGODB', 'MONGODB_URI', async () => {
      const { ShopUsageModule } = await load('mongoose.module.ts');
      expect((await recordsOf([ShopUsageModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'redis.module.ts': (load) =>
    withServer('REDIS', 'REDIS_URL', async () => {
      const { RedisModule } = await load('redis.module.ts');
      expect((await recordsOf([RedisModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'couchdb.module.ts': (load) =>
    withServer('COUCHDB', 'COUCHDB_URL', async () => {
      const { CouchDbModule } = await load('couchdb.module.ts');
      expect((await recordsOf([CouchDbModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'clickhouse.module.ts': (load) =>
    withServer('CLICKHOUSE', 'CLICKHOUSE_URL', async () => {
      const { ClickHouseModule } = await load('clickhouse.module.ts');
      expect((await recordsOf([ClickHouseModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'clickhouse-client.module.ts': (load) =>
    withServer('CLICKHOUSE', 'CLICKHOUSE_URL', async () => {
      const { ClickHouseClientModule } = await load('clickhouse-client.module.ts');
      expect((await recordsOf([ClickHouseClientModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'metrics.module.ts': async (load) => {
    const { MetricsModule } = await load('metrics.module.ts');
    await inEmptyFolder(() =>
      withApp([MetricsModule], async (_, url) => {
        const scrape = (authorization?: string) =>
          fetch(`${url}/metrics`, { headers: authorization ? { authorization } : {} });
        const refuses = async (...values: (string | undefined)[]) => {
          for (const value of values) expect((await scrape(value)).status).toBe(403);
        };
        await refuses(undefined, 'Bearer undefined', 'Bearer ', 'Bearer', 'undefined');
        process.env.METRICS_TOKEN = '';
        await refuses(undefined, 'Bearer undefined', 'Bearer ', 'Bearer');
        process.env.METRICS_TOKEN = 'secret';
        await refuses(
          undefined,
          'Bearer Secret',
          'Bearer secrets',
          'secret',
          'Bearer \u00e9\u00e9cret',
        );
        const scraped = await scrape('Bearer secret');
        expect(scraped.headers.get('content-type')).toMatch(/^text\/plain; .*version=0.0.4/);
        expect(await scraped.text()).toMatch(
          /^http_server_request_duration_seconds_count\{.*http_route="\/things".*\} 1$/m,
        );
      }),
    );
    delete process.env.METRICS_TOKEN;
    register.clear();
  },
  'dashboard.module.ts': async (load) => {
    process.env.USAGE_PASSWORD = 'secret';
    const { DashboardModule } = await load('dashboard.module.ts');
    await inEmptyFolder(async () => {
      const { app, url } = await startApp(DashboardModule, express);
      expect((await fetch(`${url}/usage`)).status).toBe(401);
      const headers = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` };
      const page = await fetch(`${url}/usage`, { headers });
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Requests')]);
      const report = await fetch(`${url}/usage/report.json?metrics=hits&last=7d`, { headers });
      expect(await report.json()).toMatchObject({ totals: { hits: 0 } });
      await app.close();
    });
    delete process.env.USAGE_PASSWORD;
  },
  'admin-guard.ts': async (load) => {
    const { GuardedDashboardModule } = await load('admin-guard.ts');
    await inEmptyFolder(async () => {
      const { app, url } = await startApp(GuardedDashboardModule, express);
      expect((await fetch(`${url}/usage`)).status).toBe(403);
      const headers = { cookie: 'session=of-an-admin' };
      expect((await fetch(`${url}/usage`, { headers })).status).toBe(200);
      await app.close();
    });
  },
  'weekly-report.ts': async (load) => {
    process.env.USAGE_PASSWORD = 'secret';
    const [{ slowestRoutes }, { DashboardModule }] = [
      await load('weekly-report.ts'),
      await load('dashboard.module.ts'),
    ];
    await inEmptyFolder(async () => {
      const { app, url } = await startApp(DashboardModule, express);
      expect(await slowestRoutes(`${url}/usage`)).toEqual([]);
      await app.close();
    });
    delete process.env.USAGE_PASSWORD;
  },
  'metrics-port.ts': async (load) => {
    const { MetricsPort } = await load('metrics-port.ts');
    process.env.METRICS_PORT = '0';
    const usage = TrackUsageModule.forRoot({ storages: [new PrometheusWriter()] });
    @Module({ providers: [MetricsPort] })
    class PortModule {}
    await withApp([usage, PortModule], async (app) => {
      const { port } = app.get(MetricsPort).server.address();
      const scraped = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
      expect(await scraped.text()).toMatch(/^http_server_.*http_route="\/things".*\} 1$/m);
    });
    delete process.env.METRICS_PORT;
    register.clear();
  },
  'renamed-metrics.ts': async (load) => {
    const { writer } = await load('renamed-metrics.ts');
    await withApp([TrackUsageModule.forRoot({ storages: [writer] })], async () => {
      expect(await register.metrics()).toMatch(
        /^http_request_duration_seconds_count\{method="GET",.*route="\/things",status_code="200"\} 1$/m,
      );
    });
    register.clear();
  },
  'otel-metrics.module.ts': async (load) => {
    const { OtelMetricsModule, startMetrics } = await load('otel-metrics.module.ts');
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter });
    startMetrics(reader);
    await withApp([OtelMetricsModule], async () => {
      metrics
        .getMeterProvider()
        .getMeter('@opentelemetry/instrumentation-http')
        .createHistogram('http.server.request.duration')
        .record(1);
      await reader.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      const points = scopes.flatMap((one) =>
        one.metrics.map(({ descriptor: { name }, dataPoints }) => {
          return { scope: one.scope.name, name, points: dataPoints };
        }),
      );
      expect(points.filter(({ name }) => name === 'http.server.request.duration')).toMatchObject([
        {
          scope: 'nestjs-track-usage',
          points: [{ attributes: { 'http.route': '/things' }, value: { count: 1 } }],
        },
      ]);
    });
    metrics.disable();
    await reader.shutdown();
  },
  'memory.module.ts': async (load) => {
    const { MemoryModule } = await load('memory.module.ts');
    expect(await recordsOf([MemoryModule])).toMatchObject([{ route: '/things' }]);
  },
  'writers.module.ts': async (load) => {
    const { WritersModule, lines } = await load('writers.module.ts');
    await withApp([WritersModule], async () => undefined);
    expect(lines.join('')).toContain('GET /things 200');
  },
  'retention.module.ts': async (load) => {
    const { RetentionModule } = await load('retention.module.ts');
    await withApp([RetentionModule], async (app) => {
      const storage = app.get<MemoryStorage>(getUsageStorageToken(), { strict: false });
      await storage.store([makeRecord({ date: new Date(Date.now() - 100 * 86_400_000) })]);
      const usage = app.get(UsageService);
      await usage.prune();
      expect(await usage.getUsage()).toMatchObject([{ route: '/things' }]);
      expect((await usage.getSum('url')).month).toHaveLength(2);
    });
  },
  'services.module.ts': async (load) => {
    const { ServicesModule, AcrossServices } = await load('services.module.ts');
    @Module({ imports: [ServicesModule], providers: [AcrossServices] })
    class WithReports {}
    await withApp([WithReports], async (app) => {
      const storage = app.get<MemoryStorage>(getUsageStorageToken(), { strict: false });
      await storage.store([makeRecord({ date: new Date(), service: 'mail', route: '/send' })]);
      const reports = app.get(AcrossServices);
      const { rows } = await reports.busiest();
      expect(rows.map(({ service }: { service: string }) => service).sort()).toEqual([
        'mail',
        'shop-api',
      ]);
      expect((await reports.ofOne('mail')).totals).toEqual({ hits: 1 });
    });
  },
  'own-schema.module.ts': (load) =>
    withServer('POSTGRES', 'DATABASE_URL', async () => {
      const { OwnSchemaModule } = await load('own-schema.module.ts');
      expect((await recordsOf([OwnSchemaModule]))[0]).toMatchObject({ route: '/things' });
    }),
  'kubernetes.module.ts': (load) =>
    withServer('POSTGRES', 'DATABASE_URL', async () => {
      const yaml = (await readSnippets()).find(({ name }) => name === 'deployment.yaml')!.text;
      const valueOf = (pattern: RegExp) => pattern.exec(yaml)?.[1];
      const journal = valueOf(/name: USAGE_JOURNAL, value: ([^ }]+)/)!;
      expect(journal.startsWith(valueOf(/mountPath: ([^ }]+)/)!)).toBe(true);
      const { KubernetesModule } = await load('kubernetes.module.ts');
      process.env.POD_NAME = 'shop-7f9c';
      await inEmptyFolder(async () => {
        process.env.USAGE_JOURNAL = `.${journal}`;
        await withApp([KubernetesModule], async (app) => {
          const usage = app.get(UsageService);
          const [first] = await usage.getUsage({ limit: 1 });
          expect(first).toMatchObject({ route: '/things', serverName: 'shop-7f9c' });
          expect(existsSync(`.${journal}`)).toBe(true);
          expect(usage.stats().journal).toMatchObject({ memoryOnly: 0 });
          const graceMs = 1000 * Number(valueOf(/terminationGracePeriodSeconds: (\d+)/));
          expect(graceMs).toBeGreaterThan(10_000);
        });
      });
      delete process.env.POD_NAME;
      delete process.env.USAGE_JOURNAL;
    }),
  'queue.module.ts': async (load) => {
    const { QueueModule, published } = await load('queue.module.ts');
    await withApp([QueueModule], async () => undefined);
    expect(JSON.parse(published[0])).toMatchObject({ route: '/things' });
  },
  'hooks.module.ts': async (load) => {
    const { HooksModule, Alerts, LiveView } = await load('hooks.module.ts');
    await withApp([HooksModule], async (app, url) => {
      await fetch(`${url}/fails`);
      await app.get(UsageService).flush();
      expect(app.get(Alerts).raised).toEqual([`${url}/fails`]);
      expect(app.get(LiveView).urls).toEqual([`${url}/things`, `${url}/fails`]);
    });
  },
  'stats.ts': async (load) => {
    const { isAccountedFor } = await load('stats.ts');
    await withApp([memoryModule()], async (app) => {
      expect(isAccountedFor(app.get(UsageService))).toBe(true);
    });
  },
  'journal.module.ts': async (load) => {
    const { JournalModule, isOnDisk } = await load('journal.module.ts');
    await withApp([JournalModule], async (app) => {
      expect(isOnDisk(app.get(UsageService))).toBe(true);
    });
  },
  'health.controller.ts': async (load) => {
    const { HealthController } = await load('health.controller.ts');
    @Module({ imports: [TerminusModule], controllers: [HealthController] })
    class HealthModule {}
    await withApp([memoryModule(), HealthModule], async (_, url) => {
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
        status: 'ok',
        info: { usage: { status: 'up' } },
      });
    });
  },
  'geography.module.ts': async (load) => {
    const { GeographyModule } = await load('geography.module.ts');
    @Module({ imports: [GeographyModule], controllers: [ThingsController] })
    class AppModule {}
    const { app, url } = await startApp(AppModule, express, (one) => {
      (one as any).set('trust proxy', true);
    });
    await fetch(`${url}/things`, { headers: { 'x-forwarded-for': '8.8.8.8' } });
    const usage = app.get(UsageService);
    await usage.flush();
    expect(await usage.getUsage()).toMatchObject([{ ipInfo: { country: 'US' } }]);
    expect((await usage.getSum('geo')).day).toMatchObject([{ key: 'US', hits: 1 }]);
    await app.close();
  },
  'visitors.module.ts': async (load) => {
    const { VisitorsModule } = await load('visitors.module.ts');
    await withApp([VisitorsModule], async (app, url) => {
      const response = await fetch(`${url}/things`);
      expect(response.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^visitor=[\w-]{22}; Max-Age=2592000; /),
      ]);
      const usage = app.get(UsageService);
      await usage.flush();
      const { day } = await usage.getSum('visitor');
      expect(day.map(({ hits }) => hits)).toEqual([1, 1]);
    });
  },
  'subject.service.ts': async (load) => {
    const { SubjectService } = await load('subject.service.ts');
    const storage = new MemoryStorage({ name: 'sql' });
    const module = await Test.createTestingModule({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
      providers: [SubjectService],
    }).compile();
    const ada = Array.from({ length: 12 }, () => makeRecord({ username: 'ada' }));
    await storage.store([...ada, makeRecord({ username: 'bob' })]);
    const subjects = module.get(SubjectService);
    expect(await subjects.recordsOf('ada')).toHaveLength(12);
    expect(await subjects.forget('ada')).toEqual({ sql: 12 });
    expect(await subjects.recordsOf('ada')).toEqual([]);
    expect(await module.get(UsageService).countUsage()).toBe(1);
    await module.close();
  },
  'who.module.ts': async (load) => {
    const { WhoModule } = await load('who.module.ts');
    await inEmptyFolder(async () => {
      await withApp([WhoModule], async (app, url) => {
        const key = 'a-key-of-the-shop-0123456789';
        await fetch(`${url}/things?api_key=${key}`, {
          headers: { 'x-client-name': 'MyShop', 'x-client-version': '4.12.0', 'x-tenant': 'acme' },
        });
        const usage = app.get(UsageService);
        await usage.flush();
        const [latest] = await usage.getUsage();
        expect(latest).toMatchObject({
          consumer: expect.stringMatching(/^a-ke_[0-9a-f]{64}$/),
          urlArgs: { api_key: '[redacted]' },
          userAgent: { browser: 'MyShop', version: '4.12.0' },
          trackVar: { tenant: 'acme' },
          service: 'shop-api',
          release: '4.12.0',
        });
      });
    });
  },
  'privacy.module.ts': async (load) => {
    const { PrivacyModule } = await load('privacy.module.ts');
    await withApp([PrivacyModule], async (app, url) => {
      await fetch(`${url}/things?email=a@b.example&apiKey=1&monkey=2`, {
        headers: { authorization: `Basic ${btoa('ada:secret')}`, 'x-forwarded-for': '203.0.113.9' },
      });
      await fetch(`${url}/things?synthetic`, { headers: { 'x-synthetic': '1' } });
      const usage = app.get(UsageService);
      await usage.flush();
      const [latest] = await usage.getUsage();
      expect(latest).toMatchObject({
        urlArgs: { email: '[redacted]', apiKey: '[redacted]', monkey: '2' },
        remoteAddr: '127.0.0.0',
        xForwardedFor: '203.0.113.0',
        username: null,
      });
    });
  },
  'usage-of-cats.ts': async (load) => {
    const { usageOfOneRequest } = await load('usage-of-cats.ts');
    const records = await usageOfOneRequest();
    expect(records.map(({ route }: UsageRecord) => route)).toEqual(['/cats/:id', '/dogs']);
  },
};

/** What own-storage.spec.ts, behind-nginx.spec.ts and first-week.spec.ts run. */
const ELSEWHERE = [
  ...['folder.storage.ts', 'folder.storage.contract.ts', 'behind-a-proxy.ts'],
  ...['busiest-routes.ts', 'first-week.service.ts'],
];

/** What some of them cannot do without. */
const SERVERS: Partial<Record<string, ServerName>> = {
  'mongo.module.ts': 'MONGODB',
  'mongoose.module.ts': 'MONGODB',
  'redis.module.ts': 'REDIS',
  'couchdb.module.ts': 'COUCHDB',
  'clickhouse.module.ts': 'CLICKHOUSE',
  'clickhouse-client.module.ts': 'CLICKHOUSE',
  'own-schema.module.ts': 'POSTGRES',
  'kubernetes.module.ts': 'POSTGRES',
};

describe('the manual', () => {
  let typescript: Snippet[];
  let files: string[];
  beforeAll(async () => {
    const snippets = await readSnippets();
    typescript = snippets.filter(({ page, language }) => page !== 'README.md' && language === 'ts');
    files = await writeSnippets(typescript, folder);
  });

  it('has snippets that compile, each with a name of its own and a run', () => {
    const names = [...Object.keys(runs), ...ELSEWHERE];
    expect(typescript.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(compilerErrors(files)).toEqual([]);
  }, 180_000);

  it.for(Object.keys(runs))('runs %s', async (name, context) => {
    const needed = SERVERS[name];
    if (needed !== undefined && server(needed) === undefined) {
      if (process.env.CI === 'true') throw new Error(`${name}: TRACK_USAGE_TEST_${needed}_URL`);
      return context.skip(`set TRACK_USAGE_TEST_${needed}_URL`);
    }
    const run = runs[name];
    await run?.((file) => import(/* @vite-ignore */ `${folder.href}${file}`));
  });
});

describe('the README', () => {
  const README = 'README.md';
  let text: string;
  let own: readonly Snippet[];
  const block = (language: string, name: string, of = 0) =>
    own.filter((each) => each.language === language && each.name === name)[of]!.text;

  beforeAll(async () => {
    text = await textOf(README);
    own = await readSnippets([README]);
  });

  it('has at most 150 lines', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  it('has two commands that set all up, and the second is what CI runs', async () => {
    const commands = own.filter(({ language }) => language === 'sh').map((each) => each.text);
    expect(commands.slice(0, 2)).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n']);
    // The rest are the first steps, which scripts/package-check/first-record.mjs takes.
    const lines = commands.slice(2).flatMap((each) => each.trim().split('\n'));
    for (const line of lines) expect(line).toMatch(/^(npm (install|run)|pnpm add|curl|sleep) /);
    const ci = await readFile(new URL('../../.ci/run', import.meta.url), 'utf8');
    expect(ci.split('\n')).toContain('npm ci && npm test');
  });

  it('shows the same first step for NestJS 12 and 11, but for what these write otherwise', () => {
    const [twelve, eleven] = [block('ts', 'src/main.ts'), block('ts', 'src/main.ts', 1)];
    const lines = (code: string) =>
      code
        .split('\n')
        .map((line) => line.trim().replace("'./app.module.js'", "'./app.module'"))
        .filter((line) => line !== '' && !/^(async function|void bootstrap|\}$)/.test(line));
    expect(lines(eleven)).toEqual(lines(twelve));
  });

  it('has snippets that compile, and a first step that shows the first record', async () => {
    const inReadme = new URL('.snippets/front/', import.meta.url);
    const files = ['src/main.ts', 'src/cats.controller.ts'];
    const typescript = files.map((name) => own.find((each) => each.name === name)!);
    expect(compilerErrors(await writeSnippets(typescript, inReadme))).toEqual([]);
    const load = (name: string) => import(/* @vite-ignore */ `${inReadme.href}${name}`);
    expect(await load('src/cats.controller.ts')).toHaveProperty('CatsController');
    await bootstrapped(load, (app) => showsTheFirstRecord(app));
  }, 180_000);

  it('shows a record as it is, without fields that may be null', () => {
    const shown = JSON.parse(block('json', ''));
    const whole: Record<string, unknown> = JSON.parse(JSON.stringify(makeRecord()));
    const nullable = RECORD_FIELDS.filter((field) => field.nullable).map(({ path }) => path);
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(Object.keys(shown)));
    const missing = Object.keys(whole).filter((name) => !(name in shown));
    expect(nullable).toEqual(expect.arrayContaining(missing));
    expect(Object.keys(shown.userAgent).sort()).toEqual(
      Object.keys(whole.userAgent as object).sort(),
    );
    const record = makeRecord({ ...shown, date: new Date(shown.date) });
    expect(JSON.parse(JSON.stringify(record))).toMatchObject(shown);
  });

  it('shows a report as the question beside it is answered', async () => {
    const [, asked] = text.match(/`usage\.report\((\{.*\})\)`/)!;
    const json = asked!.replaceAll("'", '"').replaceAll(/(\w+):/g, '"$1":');
    const question = JSON.parse(json) as ReportQuery;
    const storage = new MemoryStorage();
    const records = ['/cats/:id', '/cats/:id', '/dogs'].map((route) => makeRecord({ route }));
    await storage.store(records.map((record) => ({ ...record, date: new Date() })));
    const module = await Test.createTestingModule({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
    }).compile();
    const answer = JSON.parse(JSON.stringify(await module.get(UsageService).report(question)));
    await module.close();
    const shown = JSON.parse(block('json', '', 1));
    expect(shapeOf(shown)).toEqual(shapeOf(answer));
    const { totals, rest, rows, groups } = shown;
    expect(rows[0].hits + rest.hits).toBe(totals.hits);
    expect(rows.length + rest.groups).toBe(groups);
  });
});

/** The names of a value, without what stands under them. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value).map(([name, each]) => [name, shapeOf(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

function memoryModule() {
  return TrackUsageModule.forRoot({ storages: [new MemoryStorage()] });
}

async function recordsOf(imports: any[]): Promise<UsageRecord[]> {
  let records: UsageRecord[] = [];
  await withApp(imports, async (app) => void (records = await app.get(UsageService).getUsage()));
  return records;
}

/** Runs what starts an application, on a port of its own, and closes the application afterwards. */
async function bootstrapped(
  load: (name: string) => Promise<unknown>,
  use: (app: INestApplication) => Promise<void>,
): Promise<void> {
  await inEmptyFolder(async () => {
    const { NestFactory } = await import('@nestjs/core');
    const create = NestFactory.create.bind(NestFactory) as (...args: unknown[]) => Promise<any>;
    let app: INestApplication | undefined;
    NestFactory.create = async (...args: unknown[]) =>
      (app = await create(...args, { logger: false }));
    process.env.PORT = '0';
    try {
      await load('src/main.ts');
      await vi.waitFor(() => app?.getUrl() ?? Promise.reject(new Error('not yet')), 20_000);
      await use(app as INestApplication);
    } finally {
      NestFactory.create = create;
      delete process.env.PORT;
    }
  });
}

/** A request to what `nest new` has made, its record as data, and the page. */
async function showsTheFirstRecord(app: INestApplication, headers: Record<string, string> = {}) {
  try {
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    expect(await (await fetch(url)).text()).toBe('Hello World!');
    await app.get(UsageService).flush();
    const records: any = await (await fetch(`${url}/usage/records.json`, { headers })).json();
    expect(records).toMatchObject([{ route: '/', handler: 'getHello', status: 200 }]);
    const page = await fetch(`${url}/usage`, { headers });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Requests')]);
  } finally {
    await app.close();
  }
}

/** Starts an application with these modules, sends it one request, and waits for its record. */
async function withApp(
  imports: any[],
  use: (app: INestApplication, url: string) => Promise<void>,
): Promise<void> {
  @Module({ imports, controllers: [ThingsController] })
  class AppModule {}
  const { app, url } = await startApp(AppModule, express as never);
  await fetch(`${url}/things`);
  expect(await app.get(UsageService).flush()).toBe(true);
  await use(app, url);
  await app.close();
}

/** Runs with the server's address in the variable that the snippet reads it from. */
async function withServer(name: ServerName, variable: string, use: () => Promise<void>) {
  process.env[variable] = server(name);
  try {
    await use();
  } finally {
    delete process.env[variable];
  }
}

async function inEmptyFolder(use: () => Promise<void>): Promise<void> {
  const before = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'track-usage-'));
  process.chdir(folder);
  try {
    await use();
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
}
