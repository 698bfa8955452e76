import type { Provider, Type } from '@nestjs/common';
import { APP_INTERCEPTOR, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { isUserReader, RequestCapture, TrackUsageInterceptor } from '../capture/index.js';
import { getUsageStorageToken, requestedStorageNames } from '../decorators/index.js';
import { ClientLookup, VisitorCookie, type DailySaltStore } from '../enrichment/index.js';
import {
  checkModuleOptions,
  type TrackUsageModuleOptions,
  TRACK_USAGE_OPTIONS,
} from './track-usage.options.js';
import type { OpenJournal } from '../delivery/journal/open-journal.js';
import { SqliteStorage } from '../storages/sqlite/sqlite.storage.js';
import { createDefaultStorage, openStorages, type OpenedStorage } from './open-storages.js';
import type { UsageHookHandler, UsageStorage } from '../storages/contract/usage-storage.js';
import { MODULE_OPTIONS_TOKEN } from './track-usage.module-definition.js';
import { RouteReporting } from './route-reporting.js';
import { UsageHealthIndicator } from '../reading/usage-health.indicator.js';
import { quietLogger, usageLogger } from '../support/usage-logger.js';
import { UsagePipeline } from './usage-pipeline.js';
import { UsageService } from '../reading/usage.service.js';
import { UsageSource } from '../reading/usage-source.js';

/** Resolves once all storages are open. Classes that inject UsageService can read at once. */
const pipelineProvider: Provider = {
  provide: UsagePipeline,
  inject: [MODULE_OPTIONS_TOKEN, ModuleRef],
  async useFactory(given: unknown, moduleRef: ModuleRef): Promise<UsagePipeline> {
    const options = checkModuleOptions(given);
    const {
      timeZone = TRACK_USAGE_OPTIONS.timeZone.default,
      maxKeys = TRACK_USAGE_OPTIONS.maxKeys.default,
      storages,
    } = options;
    // Storages are opened before the pipeline that counts for them exists.
    let pipeline: UsagePipeline | undefined;
    const opened = await openStorages(
      storages ?? [createDefaultStorage()],
      { ...options, timeZone, maxKeys, stats: () => pipeline?.stats() ?? {} },
      createInstanceResolver(moduleRef),
    );
    const clients = await ClientLookup.open(
      options,
      findSaltStore(opened.map(({ storage }) => storage)),
      usageLogger(),
    );
    const journal = await openJournalOf(options, opened);
    return (pipeline = new UsagePipeline(options, opened, clients, journal));
  },
};

/** Loads the journal's code only where it is used. */
async function openJournalOf(
  { journal = false }: TrackUsageModuleOptions,
  opened: readonly OpenedStorage[],
): Promise<OpenJournal | null> {
  if (journal === false) return null;
  const { openJournal } = await import('../delivery/journal/open-journal.js');
  const embedded = opened.map(({ storage }) => storage).find((one) => one instanceof SqliteStorage);
  return openJournal(
    journal === true ? {} : journal,
    opened,
    embedded?.file ?? null,
    quietLogger(usageLogger()),
  );
}

/** Throws if the module was imported without `forRoot()` or `forRootAsync()`, which replace it. */
const missingOptionsProvider: Provider = {
  provide: MODULE_OPTIONS_TOKEN,
  useFactory() {
    throw new Error(
      'TrackUsageModule was imported without forRoot(). Write imports: [TrackUsageModule.forRoot()] ' +
        'in the root module, once: it is global, and other modules need not import it.',
    );
  },
};

const captureProvider: Provider = {
  provide: RequestCapture,
  inject: [MODULE_OPTIONS_TOKEN, HttpAdapterHost, ModuleRef, UsagePipeline],
  useFactory: (
    options: TrackUsageModuleOptions,
    host: HttpAdapterHost,
    moduleRef: ModuleRef,
    pipeline: UsagePipeline,
  ) =>
    new RequestCapture(
      options,
      host,
      moduleRef,
      pipeline.sink,
      cookiesOf(options),
      pipeline.routes,
    ),
};

const routesProvider: Provider = {
  provide: RouteReporting,
  inject: [MODULE_OPTIONS_TOKEN, RequestCapture, UsagePipeline],
  useFactory: (
    options: TrackUsageModuleOptions,
    capture: RequestCapture,
    pipeline: UsagePipeline,
  ) => new RouteReporting(options, capture, pipeline),
};

const sourceProvider: Provider = {
  provide: UsageSource,
  inject: [UsagePipeline, RequestCapture, RouteReporting, MODULE_OPTIONS_TOKEN],
  useFactory: (
    pipeline: UsagePipeline,
    capture: RequestCapture,
    routes: RouteReporting,
    options: TrackUsageModuleOptions,
  ): UsageSource => ({
    storages: pipeline.storages,
    timeZone: pipeline.timeZone,
    service: options.service ?? null,
    namesUsers: options.consumer === undefined || isUserReader(options.consumer),
    sampleRate: options.sampleRate ?? TRACK_USAGE_OPTIONS.sampleRate.default,
    records: pipeline.events.records,
    summaries: pipeline.events.summaries,
    deprecated: pipeline.events.deprecated,
    processId: () => routes.processId,
    routes: () => routes.routes(),
    async flush(timeoutMs = pipeline.flushTimeoutMs) {
      const start = performance.now();
      const recorded = await capture.recorded(timeoutMs);
      const leftMs = Math.max(0, timeoutMs - (performance.now() - start));
      return (await pipeline.flush(leftMs)) && recorded;
    },
    flushCaptured: () => pipeline.flush(),
    prune: (before) => pipeline.retention.prune(before),
    journal: pipeline.subjects,
    stats() {
      const geoIp = pipeline.clients.geoIpStats();
      const journal = pipeline.journalStats();
      return { storages: pipeline.stats(), ...(geoIp && { geoIp }), ...(journal && { journal }) };
    },
  }),
};

/** The module's providers that do not depend on its options. */
export const trackUsageProviders: Provider[] = [
  missingOptionsProvider,
  pipelineProvider,
  captureProvider,
  routesProvider,
  sourceProvider,
  UsageService,
  UsageHealthIndicator,
  { provide: APP_INTERCEPTOR, useClass: TrackUsageInterceptor },
];

/** Providers of all requested storage tokens. Undefined if no storage has the token's name. */
export function storageProviders(): Provider[] {
  return [undefined, ...requestedStorageNames()].map((name) => ({
    provide: getUsageStorageToken(name),
    inject: [UsagePipeline],
    useFactory: ({ storages }: UsagePipeline) =>
      name === undefined ? storages[0] : storages.find((storage) => storage.name === name),
  }));
}

function cookiesOf({ cookie }: TrackUsageModuleOptions): VisitorCookie | null {
  return cookie ? new VisitorCookie(cookie) : null;
}

function findSaltStore(storages: readonly UsageStorage[]): DailySaltStore | null {
  return storages.find(isSaltStore) ?? null;
}

function isSaltStore(storage: UsageStorage): storage is UsageStorage & DailySaltStore {
  return typeof storage.dailySalt === 'function' && typeof storage.forgetDailySalts === 'function';
}

function createInstanceResolver(moduleRef: ModuleRef) {
  return async (type: Type<UsageHookHandler>): Promise<UsageHookHandler> => {
    try {
      return await moduleRef.resolve(type, undefined, { strict: false });
    } catch {
      // The class is not a provider of the application, so the module creates its one instance.
      return moduleRef.create(type);
    }
  };
}
