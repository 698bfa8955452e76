import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  InjectUsageStorage,
  MemoryStorage,
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type TrackUsageModuleOptions,
  type TrackUsageOptionsFactory,
  type UsageHookHandler,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll() {
    return [];
  }
}

@Injectable()
class Settings {
  readonly serverName = 'from-settings';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class OptionsFactory implements TrackUsageOptionsFactory {
  constructor(private readonly settings: Settings) {}

  async createTrackUsageOptions(): Promise<TrackUsageModuleOptions> {
    return { serverName: this.settings.serverName, storages: [new MemoryStorage()] };
  }
}

@Module({ imports: [SettingsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

describe.each(platforms)('TrackUsageModule on $name', (platform) => {
  it.each([
    [
      'forRoot',
      () =>
        TrackUsageModule.forRoot({ serverName: 'from-settings', storages: [new MemoryStorage()] }),
    ],
    [
      'forRootAsync with a factory',
      () =>
        TrackUsageModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async ({ serverName }: Settings) => ({
            serverName,
            storages: [new MemoryStorage()],
          }),
        }),
    ],
    [
      'forRootAsync with a class',
      () => TrackUsageModule.forRootAsync({ imports: [SettingsModule], useClass: OptionsFactory }),
    ],
    [
      'forRootAsync with a provider that exists',
      () =>
        TrackUsageModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory }),
    ],
  ])('takes its options by %s, and serves all modules', async (_, trackUsage) => {
    @Injectable()
    class Report {
      constructor(readonly usage: UsageService) {}
    }
    // Imports nothing: the service is global.
    @Module({ providers: [Report], exports: [Report] })
    class ReportModule {}
    @Module({ imports: [ReportModule, trackUsage()], controllers: [CatsController] })
    class AppModule {}

    const { app, url } = await startApp(AppModule, platform);
    await fetch(`${url}/cats`);
    const { usage } = app.get(Report);
    expect(await usage.flush()).toBe(true);
    expect(await usage.getUsage()).toMatchObject([
      { route: '/cats', serverName: 'from-settings', blueprint: 'CatsController' },
    ]);
    await app.close();
  });

  it('injects each storage by its name, and the first without one', async () => {
    @Injectable()
    class Report {
      constructor(
        @InjectUsageStorage() readonly first: UsageStorage,
        @InjectUsageStorage('second') readonly second: MemoryStorage,
      ) {}
    }
    const one = new MemoryStorage({ name: 'first' });
    const two = new MemoryStorage({ name: 'second' });
    @Module({
      imports: [TrackUsageModule.forRootAsync({ useFactory: () => ({ storages: [one, two] }) })],
      providers: [Report],
    })
    class AppModule {}
    const { app } = await startApp(AppModule, platform);
    const report = app.get(Report);
    expect(report.first).toBe(one);
    expect(report.second).toBe(two);
    await app.close();
  });

  it('stops the start if a storage is injected that is not there', async () => {
    @Injectable()
    class Report {
      constructor(@InjectUsageStorage('missing') readonly storage: UsageStorage) {}
    }
    @Module({
      imports: [TrackUsageModule.forRoot({ storages: [new MemoryStorage()] })],
      providers: [Report],
    })
    class AppModule {}
    await expect(startApp(AppModule, platform)).rejects.toThrow(
      "Report injects the storage 'missing', which TrackUsageModule does not have; it has 'memory'.",
    );
  });

  it('stops the start if a controller sends its records to a storage that is not there', async () => {
    @Controller('dogs')
    class DogsController {
      @TrackUsage({ storages: ['audti'] })
      @Get()
      findAll() {
        return [];
      }
    }
    @Module({
      imports: [TrackUsageModule.forRoot({ storages: [new MemoryStorage({ name: 'audit' })] })],
      controllers: [DogsController],
    })
    class AppModule {}
    await expect(startApp(AppModule, platform)).rejects.toThrow(
      "@TrackUsage({ storages }) on DogsController names the storage 'audti', which TrackUsageModule does not have; it has 'audit'.",
    );
  });

  it('refuses to be imported twice, which would record every request twice', async () => {
    @Module({
      imports: [
        TrackUsageModule.forRoot({ storages: [new MemoryStorage()] }),
        TrackUsageModule.forRoot({ storages: [new MemoryStorage()] }),
      ],
    })
    class AppModule {}
    await expect(startApp(AppModule, platform)).rejects.toThrow('imported twice');
  });

  it('feeds several storages and writers, and answers from whichever is asked', async () => {
    const written: string[] = [];
    @Controller('dogs')
    class DogsController {
      @TrackUsage({ storages: ['second'] })
      @Get()
      findAll() {
        return [];
      }
    }
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          storages: [
            {
              name: 'queue',
              store: async (records) => void written.push(...records.map((r) => r.url)),
            },
            new MemoryStorage({ name: 'first' }),
            new MemoryStorage({ name: 'second' }),
          ],
        }),
      ],
      controllers: [CatsController, DogsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    await fetch(`${url}/cats`);
    await fetch(`${url}/dogs`);
    const usage = app.get(UsageService);
    await usage.flush();
    const routes = (records: UsageRecord[]) => records.map(({ route }) => route);
    expect(written).toEqual([`${url}/cats`]);
    expect(routes(await usage.getUsage())).toEqual(['/cats']);
    expect(routes(await usage.from('second').getUsage())).toEqual(['/dogs', '/cats']);
    await expect(usage.from('queue').getUsage()).rejects.toThrow(
      "Storage 'queue' does not support getUsage()",
    );
    expect(() => usage.from('third')).toThrow("there is no storage named 'third'");
    expect(usage.stats().storages).toMatchObject({
      queue: { seen: 1, stored: 1 },
      first: { seen: 1, stored: 1 },
      second: { seen: 2, stored: 2 },
    });
    await app.close();
  });

  it('calls injectable hooks of the application with what they were given', async () => {
    @Injectable()
    class Counter implements UsageHookHandler {
      readonly seen: string[] = [];
      constructor(readonly settings: Settings) {}
      onRecord(record: UsageRecord): void {
        this.seen.push(`${this.settings.serverName} ${record.route}`);
      }
    }
    const plain: string[] = [];
    @Module({
      imports: [
        SettingsModule,
        TrackUsageModule.forRoot({
          storages: [
            new MemoryStorage({
              hooks: [Counter, { onRecord: (record: UsageRecord) => void plain.push(record.id) }],
            }),
          ],
        }),
      ],
      controllers: [CatsController],
      providers: [Counter],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    await fetch(`${url}/cats`);
    await app.get(UsageService).flush();
    expect(app.get(Counter).seen).toEqual(['from-settings /cats']);
    expect(plain).toHaveLength(1);
    await app.close();
  });

  it('tells of each stored record on records$, which ends with the application', async () => {
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          storages: [new MemoryStorage({ name: 'a' }), new MemoryStorage({ name: 'b' })],
        }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    const told: unknown[] = [];
    app.get(UsageService).records$.subscribe({
      next: (record) => told.push(record.route),
      complete: () => told.push('complete'),
    });
    await fetch(`${url}/cats`);
    await fetch(`${url}/cats`);
    await app.close();
    expect(told).toEqual(['/cats', '/cats', 'complete']);
  });

  it('stores what the last requests recorded before it closes the storages', async () => {
    const events: string[] = [];
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          flushInterval: 60_000,
          storages: [
            {
              name: 'log',
              store: async (records) => void events.push(`stored ${records.length}`),
              close: async () => void events.push('closed'),
            },
          ],
        }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    await Promise.all(Array.from({ length: 5 }, () => fetch(`${url}/cats`)));
    await app.close();
    expect(events).toEqual(['stored 5', 'closed']);
  });

  it('harms no response when a storage throws, rejects or never answers', async () => {
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          batchSize: 1,
          shutdownTimeout: 50,
          storages: [
            {
              name: 'thrower',
              store() {
                throw new Error('thrown');
              },
            },
            { name: 'rejecter', store: () => Promise.reject(new Error('rejected')) },
            { name: 'sleeper', store: () => new Promise(() => undefined) },
            new MemoryStorage(),
          ],
        }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform);
    for (let number = 0; number < 20; number++) {
      const response = await fetch(`${url}/cats`);
      expect([response.status, await response.text()]).toEqual([200, '[]']);
    }
    await app.close();
    expect(app.get(UsageService).stats().storages).toMatchObject({
      thrower: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      rejecter: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      sleeper: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      memory: { seen: 20, stored: 20, dropped: {} },
    });
  });
});
