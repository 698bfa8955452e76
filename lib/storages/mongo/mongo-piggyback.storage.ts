import { collectionsIn, type MongoConnection } from './connection/mongo-collections.js';
import type { MongoCollection, MongoDb } from './connection/shapes.js';
import { databaseOf, isTypeOrmDataSource, isTypeOrmRepository } from './connection/typeorm.js';
import {
  checkPiggybackOptions,
  type MongoPiggybackStorageOptions,
} from './mongo-piggyback-storage.options.js';
import { DEFAULT_COLLECTION, DEFAULT_SUMMARY_COLLECTION } from './mongo-usage-storage.options.js';
import { MongoUsageStorage } from './mongo-usage.storage.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * Keeps records and summaries in MongoDB through the application's collection, database or client.
 * It closes none of them.
 *
 * @example
 * new MongoPiggybackStorage({ db: mongoClient.db('shop'), hooks: [sumBasic] });
 *
 * @publicApi
 */
export class MongoPiggybackStorage extends MongoUsageStorage {
  readonly name: string;

  /**
   * @throws {TrackUsageOptionsError} if not exactly one of `collection`, `db` and `client` is
   * given, or an option is invalid.
   */
  constructor(readonly options: MongoPiggybackStorageOptions) {
    super();
    checkPiggybackOptions(options);
    this.name = options.name ?? 'mongo';
  }

  protected async connect(): Promise<MongoConnection> {
    const { summaryCollection = DEFAULT_SUMMARY_COLLECTION } = this.options;
    const { db, records } = this.collection();
    return { collections: collectionsIn(db, records, summaryCollection) };
  }

  private collection(): { db: MongoDb; records: MongoCollection } {
    const { collection, client, collectionName = DEFAULT_COLLECTION } = this.options;
    if (collection && isTypeOrmRepository(collection)) {
      const db = databaseOf(collection);
      return { db, records: db.collection(collection.metadata.tableName) };
    }
    if (collection) {
      const records = collection as unknown as MongoCollection;
      return { db: databaseOfCollection(records), records };
    }
    if (client && isTypeOrmDataSource(client)) {
      const db = databaseOf(client);
      return { db, records: db.collection(collectionName) };
    }
    const db = (client?.db() ?? this.options.db) as unknown as MongoDb;
    return { db, records: db.collection(collectionName) };
  }
}

// Drivers before version 7 do not expose a collection's database, but do expose its client.
function databaseOfCollection(collection: MongoCollection): MongoDb {
  const { db, client, dbName } = collection as unknown as {
    db?: MongoDb;
    client?: { db(name: string): MongoDb };
    dbName: string;
  };
  const found = db ?? client?.db(dbName);
  if (typeof found?.collection === 'function') return found;
  throw new TrackUsageOptionsError('collection', dbName, 'one that tells its database', {
    owner: 'MongoPiggybackStorage',
    given: 'one of a version of the driver that does not',
    hint: 'Give the option db instead.',
  });
}
