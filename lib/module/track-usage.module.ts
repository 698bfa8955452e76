import { Server } from 'node:net';
import {
  Global,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { RequestCapture } from '../capture/index.js';
import { drainOnClose } from '../delivery/index.js';
import { emitThrough } from '../events/event-emitter-bridge.js';
import {
  warnOfMisplacedDecorators,
  noticeMissingShutdownHooks,
  checkStorageNames,
} from './startup-checks.js';
import { DEFAULT_DELIVERY_OPTIONS } from '../storages/contract/delivery-options.js';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './track-usage.module-definition.js';
import type { TrackUsageModuleOptions } from './track-usage.options.js';
import { storageProviders, trackUsageProviders } from './track-usage.providers.js';
import { RouteReporting } from './route-reporting.js';
import { UsageHealthIndicator } from '../reading/usage-health.indicator.js';
import { usageLogger } from '../support/usage-logger.js';
import { UsagePipeline } from './usage-pipeline.js';
import { UsageService } from '../reading/usage.service.js';
import { UsageSource } from '../reading/usage-source.js';

/**
 * Tracks the usage of an application: import it once, in the root module.
 *
 * @example
 * \@Module({ imports: [TrackUsageModule.forRoot()] })
 * export class AppModule {}
 *
 * @publicApi
 */
@Global()
@Module({
  providers: trackUsageProviders,
  exports: [UsageService, UsageHealthIndicator, UsageSource],
})
export class TrackUsageModule
  extends ConfigurableModuleClass
  implements
    NestModule,
    OnModuleInit,
    OnApplicationBootstrap,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  private cancelNotice = () => {};

  /** @internal */
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly capture: RequestCapture,
    private readonly pipeline: UsagePipeline,
    private readonly routes: RouteReporting,
    private readonly modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: TrackUsageModuleOptions,
  ) {
    super();
  }

  /**
   * Creates the module with options as values.
   *
   * @param options Default: the embedded SQLite stores records, and only decorated routes are
   * tracked.
   */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return withStorages(super.forRoot(options));
  }

  /**
   * Creates the module with options from a factory, a class or an existing provider.
   *
   * @example
   * TrackUsageModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     storages: [new SqlStorage({ url: config.get('DATABASE_URL'), hooks: [sumRoutes] })],
   *   }),
   * });
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return withStorages(super.forRootAsync(options));
  }

  /**
   * Nest calls this after it has registered the global guards and before it registers the routes.
   *
   * @internal
   */
  configure(): void {
    this.capture.install();
    if (!this.host.httpAdapter) return;
    this.noticeMissingHooks();
    drainOnClose(this.host.httpAdapter, async () => {
      // Responses that were cut off with the server may end after it has closed.
      await this.capture.settled();
      await this.routes.stop();
      await this.pipeline.shutdown();
    });
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    const { storages, events, retention } = this.pipeline;
    checkStorageNames(this.modules, storages);
    const logger = usageLogger();
    warnOfMisplacedDecorators(this.modules, logger);
    if (this.options.events) await emitThrough(this.moduleRef, events, logger);
    retention.start();
  }

  /**
   * The routes are registered by now, and no module that is loaded later is among them.
   *
   * @internal
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.routes.start(this.modules);
    // Hooks are called for what is replayed, and may be providers, which exist from now on.
    this.pipeline.replay();
  }

  /** @internal */
  async beforeApplicationShutdown(): Promise<void> {
    this.cancelNotice();
    // With a server, requests are still finishing. Their records are awaited when it closes.
    if (this.host.httpAdapter) this.pipeline.drain();
    else await this.pipeline.shutdown();
  }

  /**
   * Shuts down an application whose server Nest did not close. Otherwise this is already done.
   *
   * @internal
   */
  async onApplicationShutdown(): Promise<void> {
    await this.routes.stop();
    await this.pipeline.shutdown();
  }

  private noticeMissingHooks(): void {
    // Nothing is lost then: the next start sends what is in the journal.
    if (this.options.journal) return;
    // Third-party platforms may not use a Node server.
    const server = this.host.httpAdapter.getHttpServer() as unknown;
    if (!(server instanceof Server)) return;
    const { flushInterval = DEFAULT_DELIVERY_OPTIONS.flushInterval } = this.options;
    const logger = usageLogger();
    this.cancelNotice = noticeMissingShutdownHooks(server, flushInterval, logger);
  }
}

function withStorages(definition: DynamicModule): DynamicModule {
  const providers = storageProviders();
  return {
    ...definition,
    providers: [...(definition.providers ?? []), ...providers],
    exports: [...(definition.exports ?? []), ...providers],
  };
}
