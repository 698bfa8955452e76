import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type { StorageOptions, UsageStorage } from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  dropPlace as dropClickHouse,
  tablesOf as clickHouseTables,
} from '../storages/clickhouse/places.js';
import { couch } from '../storages/couchdb/places.js';
import { dropPlace as dropCollections } from '../storages/mongo/places.js';
import { removeKeys } from '../storages/redis/places.js';
import { dropPlace as dropTables, tablesOf } from '../storages/sql/places.js';
import type { ServerName } from '../support/servers.js';
import type { CommitTest } from './tcp-proxy.js';

/** What the process of a fixture needs to make a storage by itself. */
export interface StorageRecipe {
  /** Where the class comes from. */
  readonly entry: string;
  readonly className: string;
  /** Values of JSON. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A database under test. */
export interface Database {
  readonly name: string;
  /** Absent where no server is needed. */
  readonly server?: ServerName;
  /** How to store at a place of its own on the server of that address. */
  recipe(url: string, place: string): StorageRecipe;
  /** Tells the request that stores a batch for good. */
  readonly commits?: () => CommitTest;
  remove(url: string, place: string): Promise<void>;
}

const STORAGES = { SqlStorage, MongoStorage, RedisStorage, CouchDbStorage, ClickHouseStorage };

/** A word for a place that nobody else uses. */
export function newPlace(): string {
  return `f${randomBytes(6).toString('hex')}`;
}

export function createStorage(recipe: StorageRecipe, options: StorageOptions): UsageStorage {
  const Storage = STORAGES[recipe.className as keyof typeof STORAGES];
  return new Storage({ ...recipe.options, ...options });
}

const sql = (options: Record<string, unknown>, place: string): StorageRecipe => ({
  entry: 'nestjs-track-usage/sql',
  className: 'SqlStorage',
  options: { ...options, ...tablesOf(place) },
});

async function removeTables(connection: DataSourceOptions, place: string): Promise<void> {
  const dataSource = await new DataSource(connection).initialize();
  await dropTables(dataSource, place);
  await dataSource.destroy();
}

const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Where one request stores a batch for good: the one that brings new ids, not the repeat. */
function newBatches(ids = IDS): CommitTest {
  const known = new Set<string>();
  return (sent) => {
    const before = known.size;
    for (const id of sent.toString('latin1').match(ids) ?? []) known.add(id);
    return known.size > before;
  };
}

const isCommit: CommitTest = (sent) => /COMMIT\0?$/.test(sent.toString('latin1'));

export const postgres: Database = {
  name: 'PostgreSQL',
  server: 'POSTGRES',
  recipe: (url, place) => sql({ url }, place),
  commits: () => isCommit,
  remove: (url, place) => removeTables({ type: 'postgres', url }, place),
};

export const mariadb: Database = {
  name: 'MariaDB',
  server: 'MARIADB',
  recipe: (url, place) => sql({ url }, place),
  commits: () => isCommit,
  remove: (url, place) => removeTables({ type: 'mariadb', url }, place),
};

export const mysql: Database = {
  name: 'MySQL',
  server: 'MYSQL',
  recipe: (url, place) => sql({ url }, place),
  commits: () => isCommit,
  remove: (url, place) => removeTables({ type: 'mysql', url }, place),
};

const sqliteFile = (place: string) => join(tmpdir(), `track-usage-${place}.sqlite`);

export const sqlite: Database = {
  name: 'SQLite',
  recipe: (_url, place) => sql({ database: sqliteFile(place) }, place),
  async remove(_url, place) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${sqliteFile(place)}${end}`, { force: true });
  },
};

/** Past the members that a replica set names, so that a proxy stays in the way. */
function directly(url: string): string {
  const uri = new URL(url);
  uri.searchParams.delete('replicaSet');
  uri.searchParams.set('directConnection', 'true');
  return uri.href;
}

export const mongodb: Database = {
  name: 'MongoDB',
  server: 'MONGODB',
  recipe: (url, place) => ({
    entry: 'nestjs-track-usage/mongo',
    className: 'MongoStorage',
    options: { uri: directly(url), collection: place, summaryCollection: `${place}_s` },
  }),
  async remove(url, place) {
    const client = await new MongoClient(directly(url)).connect();
    await dropCollections(client.db(), place);
    await client.close();
  },
};

export const redis: Database = {
  name: 'Redis',
  server: 'REDIS',
  recipe: (url, place) => ({
    entry: 'nestjs-track-usage/redis',
    className: 'RedisStorage',
    options: { url, keyPrefix: place },
  }),
  commits: () => newBatches(),
  async remove(url, place) {
    const client = new Redis(url, { lazyConnect: true });
    await client.connect();
    await removeKeys(client, place);
    await client.quit();
  },
};

export const couchdb: Database = {
  name: 'CouchDB',
  server: 'COUCHDB',
  recipe: (url, place) => ({
    entry: 'nestjs-track-usage/couchdb',
    className: 'CouchDbStorage',
    options: { url, database: place },
  }),
  commits: () => newBatches(),
  async remove(url, place) {
    await couch(url, 'DELETE', place);
  },
};

export const clickhouse: Database = {
  name: 'ClickHouse',
  server: 'CLICKHOUSE',
  recipe: (url, place) => ({
    entry: 'nestjs-track-usage/clickhouse',
    className: 'ClickHouseStorage',
    options: { url, ...clickHouseTables(place) },
  }),
  // The beginnings of records' rows. Requests and notes have ids of their own.
  commits: () => newBatches(/\["[0-9a-f-]{36}",\d{12,}/g),
  remove: dropClickHouse,
};

export const sqlDatabases: readonly Database[] = [sqlite, postgres, mariadb, mysql];

/** Those on which version 0.1.0 stores. */
export const releasedDatabases: readonly Database[] = [...sqlDatabases, mongodb, redis, couchdb];

export const databases: readonly Database[] = [...releasedDatabases, clickhouse];
