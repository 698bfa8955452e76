import { existsSync } from 'node:fs';
import type { StorageOptions, UsageStorage } from '../../storages/contract/usage-storage.js';
import { CommandUsageError } from '../usage-error.js';
import { sqlitePath } from './sqlite-path.js';
import type { StorageAddress } from './storage-address.js';
import { SQLITE, STORAGE_KINDS, type NameOption, type StorageKind } from './storage-kinds.js';

const FLAGS: Record<NameOption, string> = {
  recordTable: '--record-table',
  summaryTable: '--summary-table',
  schema: '--schema',
  collection: '--collection',
  summaryCollection: '--summary-collection',
  website: '--website',
  keyPrefix: '--key-prefix',
};

const SCHEME = /^([a-z][a-z0-9+.-]+:)\/\//i;

/**
 * Makes the storage of an address, and opens nothing.
 *
 * @throws {CommandUsageError} if the address has an unknown scheme, or a name does not belong to
 * its database.
 */
export async function storageAt(
  given: StorageAddress,
  options: StorageOptions = {},
): Promise<UsageStorage> {
  const kind = kindOf(given.address);
  for (const name of Object.keys(FLAGS) as NameOption[])
    if (given[name] !== undefined && !kind.names.includes(name))
      throw new CommandUsageError(
        `${FLAGS[name]} does not belong to this storage. It takes: ` +
          `${kind.names.map((each) => FLAGS[each]).join(', ') || 'none of these names'}.`,
      );
  return kind.open(given, options);
}

/** The path of the SQLite file that an address names; null if it names another database. */
export function sqliteFile(given: StorageAddress): string | null {
  if (kindOf(given.address) !== SQLITE) return null;
  return sqlitePath(given);
}

/** @throws {Error} if an address names an SQLite file that is not there. */
export function requireSqliteFile(given: StorageAddress): void {
  const file = sqliteFile(given);
  if (file !== null && !existsSync(file))
    throw new Error(
      `The SQLite file ${file} is not there. Check --storage; a path begins at ${given.cwd}.`,
    );
}

function kindOf(address: string): StorageKind {
  const scheme = SCHEME.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return SQLITE;
  const kind = STORAGE_KINDS.get(scheme);
  if (kind) return kind;
  throw new CommandUsageError(
    `--storage: expected the path of an SQLite file, or an address that begins with ` +
      `${[...STORAGE_KINDS.keys()].map((each) => `${each}//`).join(', ')}, but got one that begins with ` +
      `${scheme}//.`,
  );
}
