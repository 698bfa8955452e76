/**
 * Storage in MongoDB through Mongoose.
 *
 * @module nestjs-track-usage/mongoose
 */
export type { TtlOptions } from '../mongo/mongo-usage-storage.options.js';
export { apacheCombinedLog } from './apache-combined-log.js';
export type { MongooseConnectionLike, MongooseModelLike } from './mongoose-shapes.js';
export type { MongooseStorageOptions } from './mongoose-storage.options.js';
export { MongooseStorage } from './mongoose.storage.js';
export { USAGE_MODEL, usageModel } from './usage-schema.js';
export { usageSchema } from './usage-schema.js';
