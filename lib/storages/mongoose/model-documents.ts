import type { MongoDocument } from '../mongo/connection/shapes.js';
import type { UsedModel } from './mongoose-shapes.js';

/**
 * @throws {TypeError} if the model's schema lacks a field of a record, or its `_id` is not a
 * `String`.
 */
export function checkSchema(model: UsedModel, ours: Readonly<Record<string, unknown>>): void {
  const missing = Object.keys(ours).filter((path) => model.schema.path(path) === undefined);
  if (missing.length > 0)
    throw new TypeError(
      `MongooseStorage: model: expected a schema that extends usageSchema, but that of '${model.modelName}' lacks ${missing.join(', ')}. Make it with usageSchema.clone().add({ … }).`,
    );
  const { instance } = model.schema.path('_id') ?? {};
  if (instance !== 'String')
    throw new TypeError(
      `MongooseStorage: model: expected a schema with _id: String, but that of '${model.modelName}' has ${instance}.`,
    );
}

/**
 * Returns a function that turns the library's document into the one of the application's schema,
 * with its defaults, setters and validation. Returns null if the schema adds no fields.
 */
export function documentMaker(
  model: UsedModel,
  ours: Readonly<Record<string, unknown>>,
): ((document: MongoDocument) => Promise<MongoDocument>) | null {
  if (Object.keys(model.schema.paths).every((path) => path in ours)) return null;
  return async (document) => {
    const made = new model(document);
    await made.validate();
    const object = made.toObject({
      depopulate: true,
      transform: false,
      virtuals: false,
      getters: false,
      minimize: false,
      flattenMaps: true,
      versionKey: true,
    });
    // Keep the library's fields as they are, so that a read returns what was stored.
    return { ...object, ...document };
  };
}
