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
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { CatsController } from '../support/cats.controller.js';

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

onPlatforms('TrackUsageModule on $name', (start) => {
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
    const { app, fetch } = await start({ imports: [ReportModule], track: trackUsage() });
    await fetch('/cats');
    const { usage } = app.get(Report);
    expect(await usage.flush()).toBe(true);
    expect(await usage.getUsage()).toMatchObject([
      { route: '/cats', serverName: 'from-settings', blueprint: 'CatsController' },
    ]);
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
    const { app } = await start({
      track: TrackUsageModule.forRootAsync({ useFactory: () => ({ storages: [one, two] }) }),
      providers: [Report],
    });
    const report = app.get(Report);
    expect(report.first).toBe(one);
    expect(report.second).toBe(two);
  });

  it('stops the start if a storage is injected that is not there', async () => {
    @Injectable()
    class Report {
      constructor(@InjectUsageStorage('missing') readonly storage: UsageStorage) {}
    }
    await expect(start({ providers: [Report] })).rejects.toThrow(
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
    const storages = [new MemoryStorage({ name: 'audit' })];
    await expect(start({ track: { storages }, controllers: [DogsController] })).rejects.toThrow(
      "@TrackUsage({ storages }) on DogsController names the storage 'audti', which TrackUsageModule does not have; it has 'audit'.",
    );
  });

  it('refuses to be imported twice, which would record every request twice', async () => {
    const imports = [TrackUsageModule.forRoot({ storages: [new MemoryStorage()] })];
    await expect(start({ imports })).rejects.toThrow('imported twice');
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
    const app = await start({
      track: {
        storages: [
          {
            name: 'queue',
            store: async (records) => void written.push(...records.map((r) => r.url)),
          },
          new MemoryStorage({ name: 'first' }),
          new MemoryStorage({ name: 'second' }),
        ],
      },
      controllers: [CatsController, DogsController],
    });
    await app.fetch('/cats');
    await app.fetch('/dogs');
    const { usage } = app;
    await usage.flush();
    const routes = (records: UsageRecord[]) => records.map(({ route }) => route);
    expect(written).toEqual([`${app.url}/cats`]);
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
    const hooks = [Counter, { onRecord: (record: UsageRecord) => void plain.push(record.id) }];
    const { app, usage, fetch } = await start({
      track: { storages: [new MemoryStorage({ hooks })] },
      imports: [SettingsModule],
      providers: [Counter],
    });
    await fetch('/cats');
    await usage.flush();
    expect(app.get(Counter).seen).toEqual(['from-settings /cats']);
    expect(plain).toHaveLength(1);
  });

  it('tells of each stored record on records$, which ends with the application', async () => {
    const { usage, fetch, close } = await start({
      track: { storages: [new MemoryStorage({ name: 'a' }), new MemoryStorage({ name: 'b' })] },
    });
    const told: unknown[] = [];
    usage.records$.subscribe({
      next: (record) => told.push(record.route),
      complete: () => told.push('complete'),
    });
    await fetch('/cats');
    await fetch('/cats');
    await close();
    expect(told).toEqual(['/cats', '/cats', 'complete']);
  });

  it('stores what the last requests recorded before it closes the storages', async () => {
    const events: string[] = [];
    const { fetch, close } = await start({
      track: {
        flushInterval: 60_000,
        storages: [
          {
            name: 'log',
            store: async (records) => void events.push(`stored ${records.length}`),
            close: async () => void events.push('closed'),
          },
        ],
      },
    });
    await Promise.all(Array.from({ length: 5 }, () => fetch('/cats')));
    await close();
    expect(events).toEqual(['stored 5', 'closed']);
  });

  it('harms no response when a storage throws, rejects or never answers', async () => {
    const { usage, fetch, close } = await start({
      track: {
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
      },
    });
    for (let number = 0; number < 20; number++) {
      const response = await fetch('/cats');
      expect([response.status, await response.text()]).toEqual([200, '[]']);
    }
    await close();
    expect(usage.stats().storages).toMatchObject({
      thrower: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      rejecter: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      sleeper: { seen: 20, stored: 0, dropped: { shutdown: 20 } },
      memory: { seen: 20, stored: 20, dropped: {} },
    });
  });
});
