import { inspect } from 'node:util';
import {
  DEFAULT_COLLECTION,
  DEFAULT_SUMMARY_COLLECTION,
  placeIn,
  type MongoCollections,
} from './connection/mongo-collections.js';
import type { MongoCollection, MongoDb } from './connection/shapes.js';
import { databaseOf, isTypeOrmDataSource, isTypeOrmRepository } from './connection/typeorm.js';
import { checkCommonOptions, checkName } from './check-options.js';
import type { MongoPiggybackStorageOptions } from './mongo-storage.options.js';
import { MongoUsageStorage } from './mongo-usage.storage.js';

const CHOICES = ['collection', 'db', 'client'] as const;

const EXPECTED: Record<(typeof CHOICES)[number], string> = {
  collection: 'a collection of the mongodb driver or a MongoRepository of TypeORM',
  db: 'a database of the mongodb driver',
  client: 'a MongoClient or a data source of TypeORM',
};

/**
 * Keeps records and summaries in MongoDB through what the application has: a collection, a
 * database or a client. It closes none of them.
 *
 * @example
 * new MongoPiggybackStorage({ db: mongoClient.db('shop'), hooks: [sumBasic] });
 *
 * @publicApi
 */
export class MongoPiggybackStorage extends MongoUsageStorage {
  readonly name: string;

  /** @throws {TypeError} if there is none, or more than one, of `collection`, `db`, `client`. */
  constructor(readonly options: MongoPiggybackStorageOptions) {
    super();
    checkCommonOptions('MongoPiggybackStorage', options);
    const given = CHOICES.filter((choice) => choice in options);
    if (given.length !== 1)
      throw new TypeError(
        `MongoPiggybackStorage: expected one of ${CHOICES.join(', ')}, but got ${given.join(' and ') || 'none of them'}.`,
      );
    checkChoice(given[0]!, options[given[0]!]);
    checkName('MongoPiggybackStorage', 'collectionName', options.collectionName);
    this.name = options.name ?? 'mongo';
  }

  protected async connect(): Promise<MongoCollections> {
    const { summaryCollection = DEFAULT_SUMMARY_COLLECTION } = this.options;
    const { db, records } = this.collection();
    return placeIn(db, records, summaryCollection);
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

function checkChoice(choice: (typeof CHOICES)[number], value: unknown): void {
  if (typeof value === 'object' && value !== null && isA[choice](value)) return;
  const hint = value === undefined ? ' Is a provider missing?' : '';
  throw new TypeError(
    `MongoPiggybackStorage: ${choice}: expected ${EXPECTED[choice]}, but got ${inspect(value, { depth: 0 })}.${hint}`,
  );
}

const has = (value: object, method: string) =>
  typeof (value as Record<string, unknown>)[method] === 'function';

const isA: Record<(typeof CHOICES)[number], (value: object) => boolean> = {
  collection: (value) =>
    isTypeOrmRepository(value) || (has(value, 'insertMany') && has(value, 'bulkWrite')),
  db: (value) => has(value, 'collection') && has(value, 'command'),
  client: (value) => isTypeOrmDataSource(value) || has(value, 'db'),
};

// Drivers before 7 do not tell a collection's database, but know the client.
function databaseOfCollection(collection: MongoCollection): MongoDb {
  const { db, client, dbName } = collection as unknown as {
    db?: MongoDb;
    client?: { db(name: string): MongoDb };
    dbName: string;
  };
  const found = db ?? client?.db(dbName);
  if (found && has(found, 'collection')) return found;
  throw new TypeError(
    'MongoPiggybackStorage: collection: this version of the driver does not tell its database. Give the option db instead.',
  );
}
