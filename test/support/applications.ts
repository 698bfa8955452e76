import {
  Module,
  type DynamicModule,
  type INestApplication,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import {
  getUsageStorageToken,
  MemoryStorage,
  TrackUsageModule,
  UsageService,
  UsageStorage,
  type TrackUsageModuleOptions,
  type UsageRecord,
} from 'nestjs-track-usage';
import { afterEach, describe } from 'vitest';
import { CatsController } from './cats.controller.js';
import { platforms, startApp, type TestPlatform } from './platforms.js';

/** What is special about a small application. */
export interface AppParts extends Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'> {
  /**
   * Options of `forRoot()`; default: one `MemoryStorage` and nothing else. Or what `forRootAsync()`
   * returned. Null: without tracking, unless the imports bring it.
   */
  readonly track?: TrackUsageModuleOptions | DynamicModule | null | undefined;
  /** Whether the server believes what a proxy says of the client. Default: no. */
  readonly trustProxy?: boolean;
  /** Runs before the server listens, which waits for a promise. */
  readonly configure?: ((app: INestApplication) => unknown) | undefined;
}

/** Starts an application, which is closed after the test. Default: `CatsController`, tracked. */
export type StartApp = (parts?: AppParts) => Promise<TestApp>;

/** An application that listens on a free port of the loopback interface. */
export class TestApp {
  private closing: Promise<void> | undefined;

  constructor(
    readonly app: INestApplication,
    readonly url: string,
  ) {}

  get usage(): UsageService {
    return this.app.get(UsageService);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** @param name Default: the first storage. */
  memory(name?: string): MemoryStorage {
    const token = name === undefined ? UsageStorage : getUsageStorageToken(name);
    const storage = this.app.get<unknown>(token);
    if (storage instanceof MemoryStorage) return storage;
    throw new Error(`storage ${name ?? 'without a name'} is no MemoryStorage`);
  }

  /** Sends a request. Returns the response once its body has come. */
  readonly fetch = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(this.url + path, init);
    await response.clone().arrayBuffer();
    return response;
  };

  /** The records of the first storage in the order of the requests, once none waits. */
  readonly records = async (): Promise<UsageRecord[]> => {
    if (!(await this.usage.flush())) throw new Error('not every record has been stored');
    return (await this.usage.getUsage()).reverse();
  };

  /** Closes the application, the first time that it is called. */
  readonly close = (): Promise<void> => (this.closing ??= this.app.close());
}

/**
 * A group of specs on Express, and the same on Fastify.
 *
 * @param title `$name` stands for the platform's name.
 */
export function onPlatforms(
  title: string,
  define: (start: StartApp, platform: TestPlatform) => void,
): void {
  describe.each(platforms)(title, (platform) => define(appsOn(platform), platform));
}

/** Starts applications for the group of specs that is being defined. */
export function appsOn(platform: TestPlatform): StartApp {
  const running: TestApp[] = [];
  afterEach(async () => {
    for (const app of running.splice(0).reverse()) await app.close();
  });
  return async (parts) => {
    const app = await openApp(platform, parts);
    running.push(app);
    return app;
  };
}

/** Starts an application that the spec itself closes, such as one for all tests of a group. */
export async function openApp(platform: TestPlatform, parts: AppParts = {}): Promise<TestApp> {
  const adapter = () => platform.adapter(parts.trustProxy);
  const { app, url } = await startApp(moduleOf(parts), { ...platform, adapter }, parts.configure);
  return new TestApp(app, url);
}

/** The root module of an application of these parts. */
export function moduleOf({ track = {}, imports = [], controllers, providers }: AppParts): Type {
  @Module({
    imports: [...imports, ...(track === null ? [] : [trackUsage(track)])],
    controllers: controllers ?? [CatsController],
    providers: providers ?? [],
  })
  class AppModule {}
  return AppModule;
}

function trackUsage(track: TrackUsageModuleOptions | DynamicModule): DynamicModule {
  if ('module' in track) return track;
  return TrackUsageModule.forRoot({ storages: [new MemoryStorage()], ...track });
}
