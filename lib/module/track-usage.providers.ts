import type { Provider, Type } from '@nestjs/common';
import { APP_INTERCEPTOR, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { RequestCapture, TrackUsageInterceptor } from '../capture/index.js';
import { getUsageStorageToken, wantedStorageNames } from '../decorators/index.js';
import { ClientLookup, VisitorCookie, type DailySaltStore } from '../enrichment/index.js';
import { checkModuleOptions } from './check-module-options.js';
import { createDefaultStorage, openStorages } from './open-storages.js';
import type { UsageHookHandler } from '../storages/contract/usage-hook.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { MODULE_OPTIONS_TOKEN } from './track-usage.module-definition.js';
import type { TrackUsageModuleOptions } from './track-usage.options.js';
import { UsageHealthIndicator } from '../reading/usage-health.indicator.js';
import { usageLogger } from '../support/usage-logger.js';
import { DEFAULT_TIME_ZONE, UsagePipeline } from './usage-pipeline.js';
import { UsageService } from '../reading/usage.service.js';

const DEFAULT_MAX_KEYS = 10_000;

/** The pipeline is there when its storages are open: who injects UsageService can read at once. */
const pipelineProvider: Provider = {
  provide: UsagePipeline,
  inject: [MODULE_OPTIONS_TOKEN, ModuleRef],
  async useFactory(given: unknown, moduleRef: ModuleRef): Promise<UsagePipeline> {
    const options = checkModuleOptions(given);
    const { timeZone = DEFAULT_TIME_ZONE, maxKeys = DEFAULT_MAX_KEYS, storages } = options;
    const opened = await openStorages(
      storages ?? [createDefaultStorage()],
      { ...options, timeZone, maxKeys },
      createInstanceResolver(moduleRef),
    );
    const clients = await ClientLookup.open(
      options,
      findSaltStore(opened.map(({ storage }) => storage)),
      usageLogger(),
    );
    return new UsagePipeline(options, opened, clients);
  },
};

/** Stands where neither forRoot nor forRootAsync put the options in its place. */
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

/** What the module is made of, whatever its options say. */
export const trackUsageProviders: Provider[] = [
  missingOptionsProvider,
  pipelineProvider,
  captureProvider,
  UsageService,
  UsageHealthIndicator,
  { provide: APP_INTERCEPTOR, useClass: TrackUsageInterceptor },
];

/** The storages under the tokens that are asked for; undefined where there is none of the name. */
export function storageProviders(): Provider[] {
  return [undefined, ...wantedStorageNames()].map((name) => ({
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
      // Not a provider of the application, so this module makes the one instance itself.
      return moduleRef.create(type);
    }
  };
}
