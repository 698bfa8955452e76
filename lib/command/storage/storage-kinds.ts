import { sqlitePath } from './sqlite-path.js';
import type { StorageOptions, UsageStorage } from '../../storages/contract/usage-storage.js';
import type { StorageAddress, StorageNames } from './storage-address.js';

/** A name that a flag gives. */
export type NameOption = keyof StorageNames;

/** What an address of one kind opens. */
export interface StorageKind {
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

/** An SQLite file. */
export const SQLITE: StorageKind = {
  names: ['recordTable', 'summaryTable'],
  async open(given, options) {
    const { SqlStorage } = await import('../../storages/sql/index.js');
    const names = chosen(given, ['recordTable', 'summaryTable']);
    return new SqlStorage({ ...options, database: sqlitePath(given), ...names });
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
    const { ClickHouseStorage } = await import('../../storages/clickhouse/index.js');
    const url = address.replace(/^clickhouse(s?):/i, 'http$1:');
    const names = chosen(given, ['recordTable', 'summaryTable']);
    return new ClickHouseStorage({ ...options, url, ...names });
  },
};

/** By the schemes of addresses. */
export const STORAGE_KINDS: ReadonlyMap<string, StorageKind> = new Map([
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

function chosen<Name extends NameOption>(
  given: StorageNames,
  names: readonly Name[],
): { [Each in Name]?: string } {
  const entries = names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  return Object.fromEntries(entries) as { [Each in Name]?: string };
}
