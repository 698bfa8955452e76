import type { BaseStorage } from '../../storages/base/base-storage.js';
import type { StorageInspection } from '../../storages/base/inspection.js';
import { OutdatedFormatError } from '../../storages/contract/storage-errors.js';
import type { UsageStorageContext } from '../../storages/contract/usage-storage.js';
import type { StorageAccess, StorageMaker } from './storage-maker.js';

/** Opens the storage anew, in a way. */
export type Opener = (
  settings: Pick<UsageStorageContext, 'summaries' | 'timeZone' | 'prepares' | 'migrates'>,
) => Promise<BaseStorage>;

/** Opens what a maker makes. An error of its format says what to run. */
export function openerOf({ make, context }: StorageMaker): Opener {
  return async (settings) => {
    const storage = await make();
    await storage.open({ ...context, ...settings }).catch((error: unknown) => {
      throw error instanceof OutdatedFormatError ? withAdvice(error) : error;
    });
    return storage;
  };
}

/** Opens the storage to see what it holds, and closes it. */
export async function inspectStorage(
  open: Opener,
  access: StorageAccess,
): Promise<StorageInspection> {
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

/** The error, with the command that helps. */
export function withAdvice({ message, isMissing }: OutdatedFormatError): OutdatedFormatError {
  const advice = isMissing ? 'Check --storage, or make it' : 'Migrate it';
  return new OutdatedFormatError(
    `${message} ${advice} with: nestjs-track-usage migrate (with --status it says what it would do).`,
    isMissing,
  );
}
