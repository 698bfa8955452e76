/** A document of the driver. */
export type MongoDocument = Record<string, unknown>;

/** The used part of a cursor. */
export interface MongoCursor extends AsyncIterable<MongoDocument> {
  sort(order: object): this;
  skip(count: number): this;
  limit(count: number): this;
  toArray(): Promise<MongoDocument[]>;
}

/** The used part of a collection of the driver, versions 6 and 7. */
export interface MongoCollection {
  readonly collectionName: string;
  insertMany(documents: readonly MongoDocument[], options: object): Promise<unknown>;
  insertOne(document: MongoDocument, options: object): Promise<unknown>;
  find(filter: object, options: object): MongoCursor;
  findOne(filter: object, options: object): Promise<MongoDocument | null>;
  findOneAndUpdate(filter: object, update: object, options: object): Promise<MongoDocument | null>;
  updateOne(filter: object, update: object, options: object): Promise<{ matchedCount: number }>;
  updateMany(filter: object, update: object, options: object): Promise<{ matchedCount: number }>;
  deleteMany(filter: object, options: object): Promise<{ deletedCount: number }>;
  bulkWrite(operations: readonly object[], options: object): Promise<unknown>;
  distinct(field: string, filter: object, options: object): Promise<unknown[]>;
  aggregate(pipeline: readonly object[], options: object): MongoCursor;
  countDocuments(filter: object, options: object): Promise<number>;
  createIndex(keys: object, options: object): Promise<string>;
}

/** The used part of a database of the driver. */
export interface MongoDb {
  readonly databaseName: string;
  collection(name: string): MongoCollection;
  command(command: object, options?: object): Promise<unknown>;
}

/**
 * A collection of the `mongodb` driver, version 6 or 7.
 *
 * @publicApi
 */
export interface MongoCollectionLike {
  readonly collectionName: string;
  readonly dbName: string;
}

/**
 * A database of the `mongodb` driver, version 6 or 7.
 *
 * @publicApi
 */
export interface MongoDbLike {
  readonly databaseName: string;
  collection(name: string): MongoCollectionLike;
}

/**
 * A client of the `mongodb` driver, version 6 or 7.
 *
 * @publicApi
 */
export interface MongoClientLike {
  db(name?: string): MongoDbLike;
}
