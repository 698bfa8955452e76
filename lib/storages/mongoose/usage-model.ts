import { usageSchema } from './usage-schema.js';

/**
 * Name of the model, for `@InjectModel(USAGE_MODEL)`.
 *
 * @publicApi
 */
export const USAGE_MODEL = 'UsageRecord';

/**
 * The model's definition, for `MongooseModule.forFeature([usageModel])`.
 *
 * @publicApi
 */
export const usageModel = { name: USAGE_MODEL, schema: usageSchema };
