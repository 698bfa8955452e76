import type { LoggerService } from '@nestjs/common';
import { createDefaultStorage } from '../../module/open-storages.js';
import {
  TRACK_USAGE_OPTIONS,
  type TrackUsageModuleOptions,
} from '../../module/track-usage.options.js';
import { UsageReader } from '../../reading/usage-reader.js';
import { BaseStorage } from '../../storages/base/base-storage.js';
import { FORMAT } from '../../storages/base/format.js';
import type { StorageInspection } from '../../storages/base/inspection.js';
import {
  OutdatedFormatError,
  TimeZoneChangedError,
} from '../../storages/contract/storage-errors.js';
import { checkedTimeZone, summariesOf, type SummaryHook } from '../../summary/index.js';
import { visibleText } from '../../support/shown-value.js';
import type { UsageStorageContext } from '../../storages/contract/usage-storage.js';
import type { FlagValues } from '../command.js';
import type { CommandIo } from '../command-io.js';
import type { STORAGE_FLAGS } from '../options/storage-flags.js';
import { CommandUsageError } from '../usage-error.js';
import { loadOptions } from './options-file.js';
import { requireSqliteFile, storageAt, type StorageAddress } from './storage-address.js';
import { storedSummaries, type StoredSummaries } from './stored-summaries.js';

/** The flags that name a storage, as given. */
export type StorageFlags = FlagValues<typeof STORAGE_FLAGS>;

/**
 * What a command does with a storage. `read`: nothing is changed. `write`: records and sums are
 * changed, never their format. `create`: as `write`, and tables are made in an empty storage.
 */
export type StorageAccess = 'read' | 'write' | 'create';

/** How a command uses a storage. */
export interface StorageUse {
  readonly access: StorageAccess;
  /**
   * The summaries to open it with: `stored` are all that have rows, to be read; `kept` are those that
   * the application keeps and that are known here, to be computed.
   */
  readonly sums: 'stored' | 'kept';
}

/** An open storage, and what is known of it. */
export interface OpenStorage {
  readonly storage: BaseStorage;
  readonly reader: UsageReader;
  /** The time zone of the sums. */
  readonly timeZone: string;
  /** What was stored when it was opened. */
  readonly inspection: StorageInspection;
  readonly summaries: StoredSummaries;
  /** What the options file gives; null without one. */
  readonly options: TrackUsageModuleOptions | null;
}

/** Names the storage where no flag does. */
const STORAGE_VARIABLE = 'TRACK_USAGE_STORAGE';

/**
 * Opens the storage that the flags name, does some work with it, and closes it.
 *
 * @throws {CommandUsageError} if no storage is named, or flags do not fit.
 * @throws {Error} if the storage cannot be opened, or has to be migrated first.
 */
export async function withStorage<T>(
  flags: StorageFlags,
  io: CommandIo,
  use: StorageUse,
  work: (opened: OpenStorage) => Promise<T>,
): Promise<T> {
  const { options, ...maker } = await storageOfFlags(flags, io, use.access);
  const opened = await openWithSums(openerOf(maker), flags, options, use);
  try {
    return await work(opened);
  } finally {
    await opened.storage.close();
  }
}

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

/** Opens the storage anew, in a way. */
type Opener = (
  settings: Pick<UsageStorageContext, 'summaries' | 'timeZone' | 'prepares' | 'migrates'>,
) => Promise<BaseStorage>;

function openerOf({ make, context }: StorageMaker): Opener {
  return async (settings) => {
    const storage = await make();
    await storage.open({ ...context, ...settings }).catch((error: unknown) => {
      throw error instanceof OutdatedFormatError ? withAdvice(error) : error;
    });
    return storage;
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

/** Opens the storage once to see what it holds, and again with the summaries that it holds. */
async function openWithSums(
  open: Opener,
  flags: StorageFlags,
  options: TrackUsageModuleOptions | null,
  { access, sums }: StorageUse,
): Promise<OpenStorage> {
  const zone = flags['time-zone'] === undefined ? null : zoneOfFlag(flags['time-zone']);
  const inspection = await inspect(open, access);
  if (access !== 'read' && !inspection.isEmpty && (inspection.format ?? 1) < FORMAT)
    throw withAdvice(new OutdatedFormatError('What is stored is of an earlier version.', false));
  const own = ownSummaries(options);
  const summaries = storedSummaries(inspection, own);
  const isFirst = access === 'create' && inspection.isEmpty;
  const chosen = sums === 'kept' ? summaries.kept : summaries.all;
  const hooks = isFirst ? firstSummaries(options, own) : chosen;
  const noted = [inspection.count, ...inspection.sums].find((each) => each?.zone)?.zone?.zone;
  const may = { prepares: access !== 'read', migrates: isFirst };
  const openIn = async (timeZone: string): Promise<OpenStorage> => {
    const storage = await open({ summaries: hooks, timeZone, ...may });
    const reader = new UsageReader(storage, timeZone);
    return { storage, reader, timeZone, inspection, summaries, options };
  };
  const first = zone ?? noted ?? options?.timeZone ?? 'UTC';
  return openIn(first).catch((error: unknown) => {
    // Version 0.1.0 notes no zone: its buckets show it.
    if (!(error instanceof TimeZoneChangedError) || error.from === null || zone !== null)
      throw error instanceof TimeZoneChangedError ? otherZone(first, error.from) : error;
    return openIn(error.from);
  });
}

async function inspect(open: Opener, access: StorageAccess): Promise<StorageInspection> {
  const settings = { summaries: [], timeZone: 'UTC' };
  const storage = await open({ ...settings, prepares: false }).catch((error: unknown) => {
    const isMissing = error instanceof OutdatedFormatError && error.isMissing;
    if (access === 'create' && isMissing) return open(settings);
    throw error;
  });
  try {
    return await storage.inspect();
  } finally {
    await storage.close();
  }
}

/** The summaries among the hooks of an options file, if it names storages. */
function ownSummaries(options: TrackUsageModuleOptions | null): readonly SummaryHook[] {
  const storages = options?.storages ?? [];
  return summariesOf(storages.flatMap((storage) => storage.options?.hooks ?? []));
}

/** The summaries of a storage that holds none yet: those of the application, or the default ones. */
function firstSummaries(
  options: TrackUsageModuleOptions | null,
  own: readonly SummaryHook[],
): readonly SummaryHook[] {
  return options?.storages ? own : summariesOf(createDefaultStorage().options?.hooks ?? []);
}

function zoneOfFlag(given: string): string {
  try {
    return checkedTimeZone(given);
  } catch (error) {
    throw new CommandUsageError(`--time-zone: ${(error as Error).message}`, { cause: error });
  }
}

function otherZone(given: string, from: string | null): Error {
  return new CommandUsageError(
    from === null
      ? `The sums are cut in no known time zone. Give the application's own by --time-zone.`
      : `--time-zone is '${given}', but the sums are cut in '${from}'. Leave it out, or change the ` +
          "application's option timeZone with onTimeZoneChange: 'rebuild'.",
  );
}

function withAdvice({ message, isMissing }: OutdatedFormatError): OutdatedFormatError {
  const advice = isMissing ? 'Check --storage, or make it' : 'Migrate it';
  return new OutdatedFormatError(
    `${message} ${advice} with: nestjs-track-usage migrate (with --status it says what it would do).`,
    isMissing,
  );
}

function loggerOn({ stderr }: CommandIo): LoggerService {
  const line = (message: unknown) => {
    stderr.write(`${visibleText(String(message))}\n`);
  };
  return { log() {}, debug() {}, verbose() {}, warn: line, error: line, fatal: line };
}
