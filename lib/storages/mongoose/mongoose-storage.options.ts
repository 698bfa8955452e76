import type { MongoUsageOptions } from '../mongo/mongo-usage-storage.options.js';
import type { MongooseConnectionLike, MongooseModelLike } from './mongoose-shapes.js';

/**
 * The options of `MongooseStorage`: one of the application's `model` and `connection`, and the name
 * of the site.
 *
 * @publicApi
 */
export interface MongooseStorageOptions extends MongoUsageOptions {
  /**
   * The model of `usageModel`, or a model whose schema extends `usageSchema`.
   * @default none
   */
  model?: MongooseModelLike;
  /**
   * A connection of Mongoose, instead of `model`. Its model of `usageModel` is used, or created if
   * it is missing.
   * @default none
   */
  connection?: MongooseConnectionLike;
  /**
   * Name of the site, for a collection with records of several sites. Records are stored with this
   * name, and only records with it are read, summed up and deleted.
   * @default 'default'
   */
  website?: string;
  /**
   * Whether each document has `apacheCombinedLog`, a line of the combined log format.
   * @default false
   */
  apacheLog?: boolean;
}
