import type { TrackUsageModuleOptions } from '../../module/track-usage.options.js';
import { UsageReader } from '../../reading/usage-reader.js';
import type { BaseStorage } from '../../storages/base/base-storage.js';
import { FORMAT } from '../../storages/base/format.js';
import type { StorageInspection } from '../../storages/base/inspection.js';
import {
  OutdatedFormatError,
  TimeZoneChangedError,
} from '../../storages/contract/storage-errors.js';
import type { CommandIo } from '../command-io.js';
import { firstSummaries, ownSummaries } from './first-summaries.js';
import { storageOfFlags, type StorageAccess, type StorageFlags } from './storage-maker.js';
import { inspectStorage, openerOf, withAdvice, type Opener } from './storage-opener.js';
import { storedSummaries, type StoredSummaries } from './stored-summaries.js';
import { otherZone, zoneOfFlag } from './sum-zone.js';

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

/** Opens the storage once to see what it holds, and again with the summaries that it holds. */
async function openWithSums(
  open: Opener,
  flags: StorageFlags,
  options: TrackUsageModuleOptions | null,
  { access, sums }: StorageUse,
): Promise<OpenStorage> {
  const zone = flags['time-zone'] === undefined ? null : zoneOfFlag(flags['time-zone']);
  const inspection = await inspectStorage(open, access);
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
