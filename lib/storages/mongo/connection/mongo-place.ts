import type { MongoCollections } from './mongo-collections.js';

/** Where the records are: the servers that the client was given, database and collection. */
export function mongoPlace({ db, records, website }: MongoCollections): string {
  const { client } = db as { client?: { options?: { hosts?: unknown[]; srvHost?: unknown } } };
  const { hosts = [], srvHost } = client?.options ?? {};
  const servers = typeof srvHost === 'string' ? srvHost : hosts.map(String).sort().join(',');
  const site = website === null ? '' : ` ${website}`;
  return `mongodb ${servers} ${db.databaseName}.${records.collectionName}${site}`;
}
