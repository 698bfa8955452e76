import type { LoggerService } from '@nestjs/common';
import { createDefaultStorage } from '../../module/open-storages.js';
import {
  TRACK_USAGE_OPTIONS,
  type TrackUsageModuleOptions,
} from '../../module/track-usage.options.js';
import { BaseStorage } from '../../storages/base/base-storage.js';
import type { UsageStorageContext } from '../../storages/contract/usage-storage.js';
import { visibleText } from '../../support/shown-value.js';
import type { FlagValues } from '../command.js';
import type { CommandIo } from '../command-io.js';
import type { STORAGE_FLAGS } from '../options/storage-flags.js';
import { CommandUsageError } from '../usage-error.js';
import { loadOptions } from './options-file.js';
import type { StorageAddress } from './storage-address.js';
import { requireSqliteFile, storageAt } from './storage-at.js';

/** The flags that name a storage, as given. */
export type StorageFlags = FlagValues<typeof STORAGE_FLAGS>;

/**
 * What a command does with a storage. `read`: nothing is changed. `write`: records and sums are
 * changed, never their format. `create`: as `write`, and tables are made in an empty storage.
 */
export type StorageAccess = 'read' | 'write' | 'create';

/** Names the storage where no flag does. */
const STORAGE_VARIABLE = 'TRACK_USAGE_STORAGE';

/** Makes a storage, and what it is opened with. */
export interface StorageMaker {
  readonly make: () => Promise<BaseStorage>;
  readonly context: UsageStorageContext;
}

/**
 * The storage that the flags name, without opening it.
 *
 * @throws {CommandUsageError} if no storage is named, or flags do not fit.
 */
export async function storageOfFlags(
  flags: StorageFlags,
  io: CommandIo,
  access: StorageAccess,
): Promise<StorageMaker & { readonly options: TrackUsageModuleOptions | null }> {
  const options = flags.options === undefined ? null : await loadOptions(flags.options, io.cwd);
  const make = storageMaker(flags, io, options, access);
  const maxKeys = options?.maxKeys ?? TRACK_USAGE_OPTIONS.maxKeys.default;
  return {
    options,
    context: { logger: loggerOn(io), maxKeys, summaries: [], timeZone: 'UTC' },
    make: async () => {
      const storage = await make();
      if (storage instanceof BaseStorage) return storage;
      throw new CommandUsageError(
        `The storage '${storage.name}' of --options is not one of this library. Give --storage.`,
      );
    },
  };
}

function storageMaker(
  flags: StorageFlags,
  io: CommandIo,
  options: TrackUsageModuleOptions | null,
  access: StorageAccess,
) {
  const given = addressOf(flags, io);
  if (given) {
    if (access !== 'create') requireSqliteFile(given);
    const { maxKeys } = options ?? {};
    return () => storageAt(given, maxKeys === undefined ? {} : { maxKeys });
  }
  if (!options)
    throw new CommandUsageError(
      `no storage is named. Give --storage ADDRESS, such as --storage track-usage.sqlite, or set ` +
        `${STORAGE_VARIABLE}.`,
    );
  const storages = options.storages ?? [createDefaultStorage()];
  const readable = storages.find((each) => typeof each.getUsage === 'function') ?? storages[0]!;
  return async () => readable;
}

function addressOf(flags: StorageFlags, { env, cwd }: CommandIo): StorageAddress | null {
  const address = flags.storage ?? (env[STORAGE_VARIABLE] || undefined);
  if (address === undefined) return null;
  return {
    address,
    cwd,
    recordTable: flags['record-table'],
    summaryTable: flags['summary-table'],
    schema: flags.schema,
    collection: flags.collection,
    summaryCollection: flags['summary-collection'],
    website: flags.website,
    keyPrefix: flags['key-prefix'],
  };
}

function loggerOn({ stderr }: CommandIo): LoggerService {
  const line = (message: unknown) => {
    stderr.write(`${visibleText(String(message))}\n`);
  };
  return { log() {}, debug() {}, verbose() {}, warn: line, error: line, fatal: line };
}
