import type { StorageOptions } from '../contract/storage-options.js';
import type { MongoClientLike, MongoCollectionLike, MongoDbLike } from './connection/shapes.js';
import type { TypeOrmMongoDataSource, TypeOrmMongoRepository } from './connection/typeorm.js';
import type { TtlOptions } from './indexes/ttl-indexes.js';

/** What the storages on MongoDB take, however they come to their connection. */
export interface MongoUsageOptions extends StorageOptions {
  /**
   * Name of the collection of summaries. What is under way is in one of that name with `_state`.
   * @default 'usage_summaries'
   */
  summaryCollection?: string;
  /**
   * Has the server delete what is older, by TTL indexes (MongoDB 5.0 for periods). The module's
   * option `retention` does the same from the application.
   * @default none
   */
  ttl?: TtlOptions;
}

/**
 * Where the server is, as `uri` or as `host` and what belongs to it, and what the database and its
 * collections are called.
 *
 * @publicApi
 */
export interface MongoStorageOptions extends MongoUsageOptions {
  /** `mongodb://…` or `mongodb+srv://…`. */
  uri?: string;
  /** Name or address of the server, instead of `uri`. */
  host?: string;
  /** @default 27017 */
  port?: number;
  /** Together with `password`. */
  username?: string;
  password?: string;
  /**
   * Name of the database.
   * @default the one that `uri` names, else 'track_usage'
   */
  database?: string;
  /** @default 'usage_records' */
  collection?: string;
  /**
   * Whether the application starts without waiting for the server. Records wait until it answers.
   * @default false
   */
  lazyConnect?: boolean;
}

/**
 * One of `collection`, `db` and `client`, of the application; and what collections are called.
 *
 * @publicApi
 */
export interface MongoPiggybackStorageOptions extends MongoUsageOptions {
  /** A collection of the `mongodb` driver, or a `MongoRepository` of TypeORM. */
  collection?: MongoCollectionLike | TypeOrmMongoRepository;
  /** A database of the `mongodb` driver. */
  db?: MongoDbLike;
  /** A client of the `mongodb` driver, whose default database is used, or TypeORM's data source. */
  client?: MongoClientLike | TypeOrmMongoDataSource;
  /**
   * Name of the collection of records, with `db` or `client`.
   * @default 'usage_records'
   */
  collectionName?: string;
}
