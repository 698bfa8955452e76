import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StorageOptions, UsageStorage } from '../../storages/contract/usage-storage.js';
import { CommandUsageError } from '../usage-error.js';

/** The names of tables, collections and keys that flags give. */
export interface StorageNames {
  readonly recordTable?: string | undefined;
  readonly summaryTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly collection?: string | undefined;
  readonly summaryCollection?: string | undefined;
  readonly website?: string | undefined;
  readonly keyPrefix?: string | undefined;
}

/** A storage that is named by an address. */
export interface StorageAddress extends StorageNames {
  readonly address: string;
  /** The folder that paths begin at. */
  readonly cwd: string;
}

type NameOption = keyof StorageNames;

/** What an address of one kind opens. */
interface StorageKind {
  readonly names: readonly NameOption[];
  open(given: StorageAddress, options: StorageOptions): Promise<UsageStorage>;
}

const SQL_NAMES = ['recordTable', 'summaryTable', 'schema'] as const;

// Each is loaded when it is named, so that no other driver has to be installed.
const SQL: StorageKind = {
  names: SQL_NAMES,
  async open({ address, ...given }, options) {
    const { SqlStorage } = await import('../../storages/sql/index.js');
    return new SqlStorage({ ...options, url: address, ...chosen(given, SQL_NAMES) });
  },
};

const SQLITE: StorageKind = {
  names: ['recordTable', 'summaryTable'],
  async open(given, options) {
    const { SqlStorage } = await import('../../storages/sql/index.js');
    const names = chosen(given, ['recordTable', 'summaryTable']);
    return new SqlStorage({ ...options, database: sqliteFile(given)!, ...names });
  },
};

const MONGO_NAMES = ['collection', 'summaryCollection', 'website'] as const;

const MONGO: StorageKind = {
  names: MONGO_NAMES,
  async open({ address, ...given }, options) {
    const { MongoStorage } = await import('../../storages/mongo/index.js');
    return new MongoStorage({ ...options, uri: address, ...chosen(given, MONGO_NAMES) });
  },
};

const REDIS: StorageKind = {
  names: ['keyPrefix'],
  async open({ address, ...given }, options) {
    const { RedisStorage } = await import('../../storages/redis/index.js');
    return new RedisStorage({ ...options, url: address, ...chosen(given, ['keyPrefix']) });
  },
};

const COUCHDB: StorageKind = {
  names: [],
  async open({ address }, options) {
    const { CouchDbStorage } = await import('../../storages/couchdb/index.js');
    const url = new URL(address);
    // A server may be under a path of its own: the database is the last part.
    const [, path = '', database = ''] = /^(.*?)\/?([^/]*)\/?$/.exec(url.pathname) ?? [];
    url.pathname = path;
    const name = decodeURIComponent(database);
    return new CouchDbStorage({ ...options, url: url.href, ...(name && { database: name }) });
  },
};

const CLICKHOUSE: StorageKind = {
  names: ['recordTable', 'summaryTable'],
  async open({ address, ...given }, options) {
    const { ClickHouseStorage } = await import('../../storages/clickhouse/clickhouse.storage.js');
    const url = address.replace(/^clickhouse(s?):/i, 'http$1:');
    const names = chosen(given, ['recordTable', 'summaryTable']);
    return new ClickHouseStorage({ ...options, url, ...names });
  },
};

const KINDS: ReadonlyMap<string, StorageKind> = new Map([
  ['postgres:', SQL],
  ['postgresql:', SQL],
  ['mysql:', SQL],
  ['mariadb:', SQL],
  ['mongodb:', MONGO],
  ['mongodb+srv:', MONGO],
  ['redis:', REDIS],
  ['rediss:', REDIS],
  ['http:', COUCHDB],
  ['https:', COUCHDB],
  ['clickhouse:', CLICKHOUSE],
  ['clickhouses:', CLICKHOUSE],
  ['sqlite:', SQLITE],
  ['file:', SQLITE],
]);

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
export function sqliteFile({ address, cwd }: StorageAddress): string | null {
  if (kindOf(address) !== SQLITE) return null;
  if (/^file:/i.test(address)) return fileURLToPath(address);
  return resolve(cwd, address.replace(/^sqlite:(\/\/)?/i, ''));
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
  const kind = KINDS.get(scheme);
  if (kind) return kind;
  throw new CommandUsageError(
    `--storage: expected the path of an SQLite file, or an address that begins with ` +
      `${[...KINDS.keys()].map((each) => `${each}//`).join(', ')}, but got one that begins with ` +
      `${scheme}//.`,
  );
}

function chosen<Name extends NameOption>(
  given: StorageNames,
  names: readonly Name[],
): { [Each in Name]?: string } {
  const entries = names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  return Object.fromEntries(entries) as { [Each in Name]?: string };
}
