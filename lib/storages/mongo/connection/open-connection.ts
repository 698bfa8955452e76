import type { MongoClientOptions } from 'mongodb';
import { missingPackage } from '../../../support/optional-packages.js';
import type { MongoTarget } from '../mongo-storage.options.js';
import type { MongoConnection } from './mongo-collections.js';
import type { MongoDb } from './shapes.js';

/** The storage's own connection. */
export interface OpenClient extends Required<Pick<MongoConnection, 'reach' | 'close'>> {
  readonly db: MongoDb;
}

const DEFAULT_DATABASE = 'track_usage';

/**
 * Connects to a server.
 *
 * @param lazy Whether to return at once and connect when it is needed.
 * @throws {Error} if the driver is not installed, the address is invalid, or the server does not
 * answer or rejects the user.
 */
export async function openClient(target: MongoTarget, lazy: boolean): Promise<OpenClient> {
  const { MongoClient } = await import('mongodb').catch(missingPackage('MongoStorage', 'mongodb'));
  const { uri, credentials, shown } = target;
  try {
    const options: MongoClientOptions = {
      appName: 'nestjs-track-usage',
      ...(credentials && { auth: credentials }),
      // The URI's own settings take precedence.
      ...(!/serverSelectionTimeoutMS/i.test(uri) && { serverSelectionTimeoutMS: 10_000 }),
      ...(!/connectTimeoutMS/i.test(uri) && { connectTimeoutMS: 10_000 }),
    };
    const client = new MongoClient(uri, options);
    const named = client.options.dbName;
    const database =
      target.database ?? (/^[^?]*\/\/[^/]+\/[^?]/.test(uri) ? named : DEFAULT_DATABASE);
    if (!lazy)
      await client.connect().catch(async (error: unknown) => {
        await client.close();
        throw error;
      });
    return {
      db: client.db(database) as unknown as MongoDb,
      reach: () => client.connect(),
      close: () => client.close(),
    };
  } catch (error) {
    throw new Error(
      `MongoStorage: could not connect to ${shown}: ${(error as Error).message}. Check that the ` +
        'address and the credentials are right and that the server runs, or give lazyConnect: ' +
        'true to start without it.',
      { cause: error },
    );
  }
}
