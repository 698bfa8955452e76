import { defaultExport } from '../../../support/optional-packages.js';
import type { CouchTarget } from '../couchdb-storage.options.js';
import { CouchDatabase, type NanoServer } from './couch-database.js';
import { missingPackage } from '../../../support/optional-packages.js';

/**
 * Opens the database, on the application's server or on the storage's own. Sends nothing yet.
 *
 * @throws {Error} if `nano` is needed and not installed.
 */
export async function openConnection(target: CouchTarget): Promise<CouchDatabase> {
  if ('server' in target)
    return new CouchDatabase(target.server, target.database, "the application's server");
  const server = await ownServer(target.url, target.username, target.password);
  return new CouchDatabase(server, target.database, target.url);
}

async function ownServer(url: string, username: string, password: string): Promise<NanoServer> {
  const nano = defaultExport(await import('nano').catch(missingPackage('CouchDbStorage', 'nano')));
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return nano({
    url,
    ...(username && { headers: { Authorization: `Basic ${credentials}` } }),
  });
}

/** The address of the application's server, without credentials, if it tells it. */
export function serverOf(server: NanoServer): string {
  const { config } = server as { config?: { url?: unknown } };
  if (typeof config?.url !== 'string' || !URL.canParse(config.url)) return '';
  const url = new URL(config.url);
  url.username = url.password = url.search = '';
  return url.href;
}
