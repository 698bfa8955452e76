import type { MongoClientLike, MongoCollectionLike, MongoDbLike } from './connection/shapes.js';
import {
  isTypeOrmDataSource,
  isTypeOrmRepository,
  type TypeOrmMongoDataSource,
  type TypeOrmMongoRepository,
} from './connection/typeorm.js';
import {
  checkCollectionName,
  checkUsageOptions,
  type MongoUsageOptions,
} from './mongo-usage-storage.options.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `MongoPiggybackStorage`: one of the application's `collection`, `db` and `client`,
 * and the names of the collections.
 *
 * @publicApi
 */
export interface MongoPiggybackStorageOptions extends MongoUsageOptions {
  /**
   * A collection of the `mongodb` driver, or a `MongoRepository` of TypeORM.
   * @default none
   */
  collection?: MongoCollectionLike | TypeOrmMongoRepository;
  /**
   * A database of the `mongodb` driver.
   * @default none
   */
  db?: MongoDbLike;
  /**
   * A client of the `mongodb` driver, whose default database is used, or a data source of TypeORM.
   * @default none
   */
  client?: MongoClientLike | TypeOrmMongoDataSource;
  /**
   * Name of the collection of records, if `db` or `client` is given.
   * @default 'usage_records'
   */
  collectionName?: string;
}

const CHOICES = ['collection', 'db', 'client'] as const;

const OWNER = { owner: 'MongoPiggybackStorage' };

const EXPECTED: Record<(typeof CHOICES)[number], string> = {
  collection: 'a collection of the mongodb driver or a MongoRepository of TypeORM',
  db: 'a database of the mongodb driver',
  client: 'a MongoClient or a data source of TypeORM',
};

/**
 * @throws {TrackUsageOptionsError} if not exactly one of `collection`, `db` and `client` is given,
 * or an option is invalid.
 */
export function checkPiggybackOptions(options: MongoPiggybackStorageOptions): void {
  checkUsageOptions('MongoPiggybackStorage', options);
  const given = CHOICES.filter((choice) => choice in options);
  if (given.length !== 1)
    throw new TrackUsageOptionsError('', given, `one of ${CHOICES.join(', ')}`, {
      ...OWNER,
      given: given.join(' and ') || 'none of them',
    });
  checkChoice(given[0]!, options[given[0]!]);
  checkCollectionName('MongoPiggybackStorage', 'collectionName', options.collectionName);
}

function checkChoice(choice: (typeof CHOICES)[number], value: unknown): void {
  if (typeof value === 'object' && value !== null && isA[choice](value)) return;
  throw new TrackUsageOptionsError(choice, value, EXPECTED[choice], OWNER);
}

const has = (value: object, method: string) =>
  typeof (value as Record<string, unknown>)[method] === 'function';

const isA: Record<(typeof CHOICES)[number], (value: object) => boolean> = {
  collection: (value) =>
    isTypeOrmRepository(value) || (has(value, 'insertMany') && has(value, 'bulkWrite')),
  db: (value) => has(value, 'collection') && has(value, 'command'),
  client: (value) => isTypeOrmDataSource(value) || has(value, 'db'),
};
