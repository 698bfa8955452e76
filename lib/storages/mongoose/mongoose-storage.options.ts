import type { MongoUsageOptions } from '../mongo/mongo-usage-storage.options.js';
import type { MongooseConnectionLike, MongooseModelLike } from './mongoose-shapes.js';

/**
 * One of `model` and `connection`, of the application; and whose records these are.
 *
 * @publicApi
 */
export interface MongooseStorageOptions extends MongoUsageOptions {
  /** The model of `usageModel`, or one whose schema extends `usageSchema`. */
  model?: MongooseModelLike;
  /** A connection, on which the model of `usageModel` is used or made. */
  connection?: MongooseConnectionLike;
  /**
   * Marks the records of one site among several in a collection: they are stored with this name,
   * and only they are read, summed up and deleted.
   * @default 'default'
   */
  website?: string;
  /**
   * Whether each document has `apacheCombinedLog`, a line of the combined log format.
   * @default false
   */
  apacheLog?: boolean;
}
