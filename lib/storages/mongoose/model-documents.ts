import type { MongoDocument } from '../mongo/connection/shapes.js';
import type { UsedModel } from './mongoose-shapes.js';

/** @throws {TypeError} if the model's schema cannot hold the fields of a record. */
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
 * Makes of our document the one that the application's schema asks for: its defaults, setters and
 * validation. Null where the schema is ours alone and has nothing to add.
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
    // Ours as they are: what is stored comes back equal.
    return { ...object, ...document };
  };
}
