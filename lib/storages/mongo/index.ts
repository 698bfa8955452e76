/**
 * Storages in MongoDB.
 *
 * @module nestjs-track-usage/mongo
 */
export type { MongoClientLike, MongoCollectionLike, MongoDbLike } from './connection/shapes.js';
export type { TypeOrmMongoDataSource, TypeOrmMongoRepository } from './connection/typeorm.js';
export type { TtlOptions } from './mongo-usage-storage.options.js';
export { MongoPiggybackStorage } from './mongo-piggyback.storage.js';
export type { MongoPiggybackStorageOptions } from './mongo-piggyback-storage.options.js';
export type { MongoStorageOptions } from './mongo-storage.options.js';
export { MongoStorage } from './mongo.storage.js';
