import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';
import { BSON, MongoClient, type Document } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import type { FlaskSourceOptions } from '../../../../lib/command/import/index.js';
import { server, type ServerName } from '../../../support/servers.js';
import { newFolder } from '../support/import-into-memory.js';

/** What the original has stored, brought back into a database. */
export interface LoadedSource {
  readonly options: FlaskSourceOptions;
  remove(): Promise<void>;
}

/** A storage of the original, in one of its versions. */
export interface OriginalStorage {
  readonly title: string;
  readonly version: 1 | 2;
  readonly needs: ServerName | null;
  load(): Promise<LoadedSource>;
}

interface Table {
  readonly name: string;
  readonly ddl: string;
  readonly rows: readonly unknown[][];
}

const fixture = (name: string): any =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'),
  ) as unknown;

let made = 0;
const unique = () => `flask_import_${process.pid}_${++made}`;

async function loadSqlite(version: number): Promise<LoadedSource> {
  const address = join(newFolder(), 'flask.sqlite');
  const database = new Database(address);
  for (const { ddl, name, rows } of fixture(`sqlite-v${version}`) as Table[]) {
    database.exec(ddl);
    for (const row of rows)
      database
        .prepare(`INSERT INTO ${name} VALUES (${row.map(() => '?').join(',')})`)
        .run(row.map((value) => (typeof value === 'boolean' ? Number(value) : value)));
  }
  database.close();
  return { options: { address }, remove: async () => {} };
}

async function loadPostgres(version: number): Promise<LoadedSource> {
  // @ts-expect-error -- It brings no types.
  const { default: pg } = (await import('pg')) as { default: { Client: any } };
  const address = server('POSTGRES')!;
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const schema = unique();
  await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);
  for (const { ddl, name, rows } of fixture(`postgres-v${version}`) as Table[]) {
    await client.query(ddl);
    for (const row of rows)
      await client.query(
        `INSERT INTO ${name} VALUES (${row.map((_, at) => `$${at + 1}`).join(',')})`,
        row,
      );
  }
  const own = new URL(address);
  own.searchParams.set('options', `-c search_path=${schema}`);
  return {
    // The table has the name that the original gives it.
    options: { address: own.href },
    remove: async () => {
      await client.query(`DROP SCHEMA ${schema} CASCADE`);
      await client.end();
    },
  };
}

async function loadMysql(name: ServerName, version: number): Promise<LoadedSource> {
  const place = unique();
  const address = new URL(server(name)!);
  const client = await createConnection({ uri: address.href });
  await client.query(`CREATE DATABASE ${place}`);
  await client.query(`USE ${place}`);
  for (const { ddl, name: table, rows } of fixture(`mysql-v${version}`) as Table[]) {
    // The name of a collation that only MySQL has.
    await client.query(ddl.replace(/ ?COLLATE ?=?\s*"?utf8mb4_0900_ai_ci"?/g, ''));
    for (const row of rows)
      await client.query(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(',')})`, row);
  }
  address.pathname = `/${place}`;
  return {
    options: { address: address.href },
    remove: async () => {
      await client.query(`DROP DATABASE ${place}`);
      await client.end();
    },
  };
}

async function loadMongo(collections: Record<string, Document[]>): Promise<LoadedSource> {
  const url = new URL(server('MONGODB')!);
  url.pathname = `/${unique()}`;
  const client = await MongoClient.connect(url.href);
  for (const [name, documents] of Object.entries(collections))
    await client
      .db()
      .collection(name)
      .insertMany(BSON.EJSON.deserialize(documents) as Document[]);
  return {
    options: { address: url.href, collection: Object.keys(collections)[0] },
    remove: async () => {
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function loadRedis(version: number): Promise<LoadedSource> {
  const address = server('REDIS')!;
  const client = new Redis(address);
  const keyPrefix = `${unique()}:`;
  const { usage_data_keys: index, hashes } = fixture(`redis-v${version}`) as {
    usage_data_keys: string[];
    hashes: Record<string, Record<string, string>>;
  };
  await client.sadd(`${keyPrefix}usage_data_keys`, ...index);
  for (const [key, fields] of Object.entries(hashes)) await client.hset(keyPrefix + key, fields);
  return {
    options: { address, keyPrefix },
    remove: async () => {
      await client.del(
        `${keyPrefix}usage_data_keys`,
        ...Object.keys(hashes).map((key) => keyPrefix + key),
      );
      client.disconnect();
    },
  };
}

async function loadCouch(version: number): Promise<LoadedSource> {
  const address = `${server('COUCHDB')!}/${unique()}`;
  const url = new URL(address);
  const { username, password } = url;
  url.username = url.password = '';
  const headers = {
    'content-type': 'application/json',
    ...(username && {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    }),
  };
  const ask = async (method: string, path: string, body?: object) => {
    const sent = body && JSON.stringify(body);
    const response = await fetch(url.href + path, { method, headers, ...(sent && { body: sent }) });
    if (!response.ok) throw new Error(await response.text());
  };
  await ask('PUT', '');
  await ask('POST', '/_bulk_docs', { docs: fixture(`couchdb-v${version}`) });
  // As the original's view has left it.
  await ask('PUT', '/_design/start-end', { views: { by_date: { map: 'function(doc) {}' } } });
  return { options: { address }, remove: () => ask('DELETE', '') };
}

/** All storages of the original whose data lies in a database. */
export const ORIGINAL_STORAGES: readonly OriginalStorage[] = ([1, 2] as const).flatMap(
  (version): OriginalStorage[] => [
    { title: 'SQLStorage on SQLite', version, needs: null, load: () => loadSqlite(version) },
    {
      title: 'SQLStorage on PostgreSQL',
      version,
      needs: 'POSTGRES',
      load: () => loadPostgres(version),
    },
    {
      title: 'SQLStorage on MySQL',
      version,
      needs: 'MYSQL',
      load: () => loadMysql('MYSQL', version),
    },
    {
      title: 'SQLStorage on MariaDB',
      version,
      needs: 'MARIADB',
      load: () => loadMysql('MARIADB', version),
    },
    {
      title: 'MongoStorage and MongoPiggybackStorage',
      version,
      needs: 'MONGODB',
      load: () => loadMongo({ usage: fixture(`mongo-v${version}`) as Document[] }),
    },
    ...(version === 2
      ? [
          {
            title: 'MongoEngineStorage',
            version,
            needs: 'MONGODB' as const,
            load: () => loadMongo(fixture('mongoengine-v2') as Record<string, Document[]>),
          },
        ]
      : []),
    { title: 'RedisStorage', version, needs: 'REDIS', load: () => loadRedis(version) },
    { title: 'CouchDBStorage', version, needs: 'COUCHDB', load: () => loadCouch(version) },
  ],
);
