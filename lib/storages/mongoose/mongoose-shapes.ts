import type { MongoDb, MongoDocument } from '../mongo/connection/shapes.js';

/**
 * A model of Mongoose, version 8 or 9.
 *
 * @publicApi
 */
export interface MongooseModelLike {
  readonly modelName: string;
  readonly collection: { readonly collectionName: string };
  readonly schema: object;
  readonly db: object;
}

/**
 * A connection of Mongoose, version 8 or 9.
 *
 * @publicApi
 */
export interface MongooseConnectionLike {
  readonly models: object;
  asPromise(): Promise<unknown>;
}

/** The used part of a connection. */
export interface UsedConnection {
  readonly db?: MongoDb;
  readonly models: Readonly<Record<string, UsedModel | undefined>>;
  asPromise(): Promise<unknown>;
  model(name: string, schema: unknown): UsedModel;
}

/** The used part of a model. */
export interface UsedModel {
  readonly modelName: string;
  readonly collection: { readonly collectionName: string };
  readonly schema: {
    readonly paths: Readonly<Record<string, unknown>>;
    path(name: string): { readonly instance?: string } | undefined;
  };
  readonly db: UsedConnection;
  new (document: MongoDocument): {
    validate(): Promise<void>;
    toObject(options: object): MongoDocument;
  };
}
