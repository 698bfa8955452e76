import { defaultExport } from '../../../support/default-export.js';
import type { CouchTarget } from '../couchdb-storage.options.js';
import { CouchDatabase, type NanoServer } from './couch-database.js';

/**
 * The database, on the application's server or on one of the storage's own. Nothing is sent yet.
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
  const nano = defaultExport(
    await import('nano').catch((error: unknown) => {
      throw missingPackage(error) ?? error;
    }),
  );
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return nano({
    url,
    ...(username && { headers: { Authorization: `Basic ${credentials}` } }),
  });
}

function missingPackage(error: unknown): Error | null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code?.endsWith('MODULE_NOT_FOUND') || !message.includes("'nano'")) return null;
  return new Error(
    'CouchDbStorage: the package nano is not installed. Install it with: npm install nano',
    { cause: error },
  );
}
