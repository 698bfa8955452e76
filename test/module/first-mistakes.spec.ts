import {
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  type DynamicModule,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  InjectUsageStorage,
  MemoryStorage,
  SkipTracking,
  TrackUsage,
  TrackUsageModule,
  TrackVar,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { moduleOf, onPlatforms } from '../support/applications.js';

const warnings: string[] = [];
const logger = {
  log() {},
  error() {},
  warn: (message: unknown) => void warnings.push(String(message)),
};

beforeEach(() => {
  warnings.length = 0;
});

const track = { flushInterval: 700 };
const tracking = (): DynamicModule =>
  TrackUsageModule.forRoot({ ...track, storages: [new MemoryStorage()] });

@Controller('cats')
class CatsController {
  @Get()
  findAll() {
    return [];
  }
}

describe('A decorator without its parentheses', () => {
  // Compilers that know no types, such as SWC, let it pass.
  const bare = (decorator: unknown) => decorator as (...given: unknown[]) => void;
  const method = Object.getOwnPropertyDescriptor(CatsController.prototype, 'findAll');
  const onMethod = [CatsController.prototype, 'findAll', method];

  it.each([
    ['@TrackUsage on a class', TrackUsage, [CatsController], 'CatsController'],
    ['@TrackUsage on a method', TrackUsage, onMethod, 'CatsController.findAll()'],
    ['@SkipTracking on a class', SkipTracking, [CatsController], 'CatsController'],
    ['@SkipTracking on a method', SkipTracking, onMethod, 'CatsController.findAll()'],
    ['@TrackVar', TrackVar, [CatsController.prototype, 'findAll', 0], 'CatsController.findAll()'],
    ['@InjectUsageStorage', InjectUsageStorage, [CatsController, undefined, 0], 'CatsController'],
  ])('%s is refused as its class is made', (title, decorator, given, place) => {
    const [name] = title.split(' ');
    const message = `${name} stands without parentheses on ${place}. Write ${name}() there.`;
    expect(() => bare(decorator)(...given)).toThrow(message);
    expect(() => bare(decorator)(...given)).toThrow(TypeError);
  });

  it.each([['shop'], [null], [5]])('@TrackUsage(%j) is refused', (given) => {
    expect(() => TrackUsage(given as never)).toThrow(/@TrackUsage\(\) was given .*\{ blueprint/);
  });
});

describe('A decorator on what is no controller', () => {
  it('is warned of, with its place', async () => {
    @TrackUsage()
    @Injectable()
    class CatsService {}

    @Injectable()
    class DogsService {
      @SkipTracking()
      bark() {}
    }

    @TrackUsage()
    @Controller('birds')
    class BirdsController {}

    const app = await started(
      moduleOf({
        providers: [CatsService, DogsService, { provide: 'value', useValue: {} }],
        controllers: [BirdsController],
      }),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^@TrackUsage\(\) stands on CatsService, which is a provider/),
      expect.stringMatching(/^@SkipTracking\(\) stands on DogsService\.bark\(\), which is/),
    ]);
    await app.close();
  });
});

describe('TrackUsageModule without forRoot()', () => {
  @Module({ imports: [TrackUsageModule] })
  class Alone {}
  @Module({ imports: [tracking(), Alone] })
  class Beside {}

  it.each([[Alone], [Beside]])('stops the start, and says what to write: %o', async (AppModule) => {
    const starting = NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await expect(starting).rejects.toThrow(
      /imported without forRoot\(\)\. Write imports: \[TrackUsageModule\.forRoot\(\)\]/,
    );
  });
});

onPlatforms('Shutdown hooks on $name', (start, platform) => {
  // Those of the test runner itself.
  const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
  let others: [NodeJS.Signals, NodeJS.SignalsListener[]][] = [];

  beforeEach(() => {
    others = SIGNALS.map((signal) => [signal, process.listeners(signal)]);
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    Logger.overrideLogger(logger);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    Logger.overrideLogger(false);
    for (const [signal, listeners] of others) {
      process.removeAllListeners(signal);
      for (const listener of listeners) process.on(signal, listener);
    }
  });

  const parts = { track, controllers: [CatsController] };
  const listening = async (configure: (app: INestApplication) => unknown = () => {}) => {
    const running = await start({ ...parts, configure });
    Logger.overrideLogger(logger);
    return running;
  };

  it('that are off are told of once, after the server has begun to listen', async () => {
    const { close } = await listening();
    expect(warnings).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Shutdown hooks are off: .* 700 ms \(flushInterval\) .*app\.enableShutdownHooks\(\)/,
      ),
    ]);
    await close();
  });

  it.each<[string, (app: INestApplication) => unknown]>([
    ['that are on', (app) => app.enableShutdownHooks()],
    ['of the application itself', () => process.on('SIGTERM', () => {})],
  ])('%s are not told of', async (_, configure) => {
    const { close } = await listening(configure);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings).toEqual([]);
    await close();
  });

  it('that come right after listening are not told of', async () => {
    const { app, close } = await listening();
    app.enableShutdownHooks();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings).toEqual([]);
    await close();
  });

  it('are not told of by an application that closes itself, or never listens', async () => {
    await (await listening()).close();
    const AppModule = moduleOf(parts);
    const app = await NestFactory.createApplicationContext(AppModule, { logger });
    const other = await NestFactory.create(AppModule, platform.adapter(), { logger });
    await other.init();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings).toEqual([]);
    await app.close();
    await other.close();
  });
});

async function started(module: Type): Promise<INestApplication> {
  const app = await NestFactory.create(module, { logger, abortOnError: false });
  return app.init();
}
