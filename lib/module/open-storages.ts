import { usageLogger } from '../support/usage-logger.js';
import {
  DEFAULT_DELIVERY_OPTIONS,
  type DeliveryOptions,
  type ResolvedDeliveryOptions,
} from '../storages/contract/delivery-options.js';
import { resolveHooks, type InstanceResolver, type ResolvedHooks } from './resolve-hooks.js';
import type { UsageStorage, UsageStorageContext } from '../storages/contract/usage-storage.js';
import {
  sumBasic,
  sumBy,
  sumClients,
  sumConsumers,
  sumRoutes,
  sumStatuses,
} from '../summary/index.js';
import { SqliteStorage } from '../storages/sqlite/sqlite.storage.js';

/** Settings that all storages share, unless a storage has its own. */
export interface StorageDefaults
  extends
    DeliveryOptions,
    Pick<UsageStorageContext, 'timeZone' | 'onTimeZoneChange' | 'maxKeys' | 'stats'> {}

/** A storage that has been opened. */
export interface OpenedStorage {
  readonly storage: UsageStorage;
  readonly options: ResolvedDeliveryOptions;
  readonly hooks: ResolvedHooks['functions'];
  readonly summaries: ResolvedHooks['summaries'];
}

/** Opens all storages, one after the other. If one cannot be opened, closes those before it. */
export async function openStorages(
  storages: readonly UsageStorage[],
  defaults: StorageDefaults,
  resolveInstance: InstanceResolver,
): Promise<OpenedStorage[]> {
  const opened: OpenedStorage[] = [];
  try {
    for (const storage of storages) opened.push(await open(storage, defaults, resolveInstance));
    return opened;
  } catch (error) {
    await Promise.allSettled(opened.map(async ({ storage }) => storage.close?.()));
    throw error;
  }
}

async function open(
  storage: UsageStorage,
  defaults: StorageDefaults,
  resolveInstance: InstanceResolver,
): Promise<OpenedStorage> {
  const { summaries, functions } = resolveHooks(
    storage.name,
    storage.options?.hooks ?? [],
    resolveInstance,
  );
  if (summaries.length > 0 && !storage.getSum)
    throw new TypeError(
      `Storage '${storage.name}' cannot keep summaries (${summaries.map(({ dimension }) => dimension).join(', ')}): it has no getSum. Give them to a storage that can, such as SqliteStorage.`,
    );
  await storage.open?.({
    logger: usageLogger(`TrackUsage:${storage.name}`),
    summaries,
    timeZone: defaults.timeZone,
    onTimeZoneChange: defaults.onTimeZoneChange,
    maxKeys: storage.options?.maxKeys ?? defaults.maxKeys,
    stats: defaults.stats,
  });
  return {
    storage,
    options: deliveryOptions(defaults, storage.options),
    hooks: functions,
    summaries,
  };
}

function deliveryOptions(
  defaults: DeliveryOptions,
  own: DeliveryOptions = {},
): ResolvedDeliveryOptions {
  const names = [
    ...Object.keys(DEFAULT_DELIVERY_OPTIONS),
    'deadLetter',
  ] as (keyof DeliveryOptions)[];
  const chosen = names.map((name) => [
    name,
    own[name] ?? defaults[name] ?? DEFAULT_DELIVERY_OPTIONS[name],
  ]);
  return Object.fromEntries(chosen) as ResolvedDeliveryOptions;
}

/** The summaries of an application that names no storage. */
const DEFAULT_HOOKS = [
  sumBasic,
  sumRoutes,
  sumStatuses,
  sumConsumers,
  sumClients,
  sumBy('consumer', 'route'),
] as const;

/**
 * The storage of an application that names none: the SQLite file `track-usage.sqlite` with the
 * default summaries. It has the same name as in 0.1.
 */
export function createDefaultStorage(): UsageStorage {
  return new SqliteStorage({ name: 'sql', hooks: DEFAULT_HOOKS });
}
