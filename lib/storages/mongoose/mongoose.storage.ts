import {
  collectionsIn,
  type MongoCollections,
  type MongoConnection,
} from '../mongo/connection/mongo-collections.js';
import type { MongoDocument } from '../mongo/connection/shapes.js';
import {
  checkUsageOptions,
  DEFAULT_SUMMARY_COLLECTION,
} from '../mongo/mongo-usage-storage.options.js';
import { MongoUsageStorage } from '../mongo/mongo-usage.storage.js';
import { apacheCombinedLog } from './apache-combined-log.js';
import { checkSchema, documentMaker } from './model-documents.js';
import type { MongooseStorageOptions } from './mongoose-storage.options.js';
import type { UsedConnection, UsedModel } from './mongoose-shapes.js';
import { USAGE_MODEL } from './usage-schema.js';
import { usageSchema } from './usage-schema.js';
import { optionErrorOf, TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

const DEFAULT_WEBSITE = 'default';
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Keeps records and summaries in MongoDB through a model or a connection of Mongoose, which the
 * application owns and closes.
 *
 * @example
 * TrackUsageModule.forRootAsync({
 *   imports: [MongooseModule.forFeature([usageModel])],
 *   inject: [getModelToken(USAGE_MODEL)],
 *   useFactory: (model) => ({
 *     storages: [new MongooseStorage({ model, website: 'shop', hooks: [sumBasic] })],
 *   }),
 * });
 *
 * @publicApi
 */
export class MongooseStorage extends MongoUsageStorage {
  readonly name: string;

  /**
   * @throws {TrackUsageOptionsError} if not exactly one of `model` and `connection` is given, or an
   * option is invalid.
   */
  constructor(readonly options: MongooseStorageOptions) {
    super();
    checkOptions(options);
    this.name = options.name ?? 'mongoose';
  }

  protected async connect(): Promise<MongoConnection> {
    const { summaryCollection = DEFAULT_SUMMARY_COLLECTION, website = DEFAULT_WEBSITE } =
      this.options;
    const model = this.model();
    checkSchema(model, usageSchema.paths);
    await model.db.asPromise();
    const { db } = model.db;
    if (!db) throw new Error('MongooseStorage: the connection of Mongoose is closed.');
    // Use the driver's own collection: Mongoose would cast and hydrate each record.
    const records = db.collection(model.collection.collectionName);
    const collections = collectionsIn(db, records, summaryCollection, website);
    return { collections: { ...collections, finish: this.finisher(model) } };
  }

  private model(): UsedModel {
    const { model, connection } = this.options;
    if (model) return model as unknown as UsedModel;
    const used = connection as unknown as UsedConnection;
    return used.models[USAGE_MODEL] ?? used.model(USAGE_MODEL, usageSchema);
  }

  private finisher(model: UsedModel): MongoCollections['finish'] {
    const make = documentMaker(model, usageSchema.paths);
    if (!this.options.apacheLog) return make ?? undefined;
    return async (document: MongoDocument) => {
      const line = apacheCombinedLog(
        document as unknown as Parameters<typeof apacheCombinedLog>[0],
      );
      const logged = { ...document, apacheCombinedLog: line };
      return make ? make(logged) : logged;
    };
  }
}

function checkOptions(options: MongooseStorageOptions): void {
  checkUsageOptions('MongooseStorage', options);
  const given = (['model', 'connection'] as const).filter((choice) => choice in options);
  if (given.length !== 1)
    throw new TrackUsageOptionsError('', given, 'one of model and connection', {
      ...OWNER,
      given: given.join(' and ') || 'none of them',
    });
  const { model, connection, apacheLog } = options;
  const [choice] = given;
  if (choice === 'model' && !(typeof model === 'function' && 'modelName' in model))
    throw optionError(
      'model',
      'a model, such as that of usageModel (@InjectModel(USAGE_MODEL))',
      model,
    );
  if (
    choice === 'connection' &&
    !(typeof connection === 'object' && connection !== null && 'asPromise' in connection)
  )
    throw optionError('connection', 'a connection of Mongoose', connection);
  if ('website' in options) {
    const { website } = options;
    if (typeof website !== 'string' || website.trim() === '' || CONTROL.test(website))
      throw optionError('website', 'a name', website);
  }
  if (apacheLog !== undefined && typeof apacheLog !== 'boolean')
    throw optionError('apacheLog', 'true or false', apacheLog);
}

const OWNER = { owner: 'MongooseStorage' };
const optionError = optionErrorOf('MongooseStorage');
