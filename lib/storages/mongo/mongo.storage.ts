import { collectionsIn, type MongoConnection } from './connection/mongo-collections.js';
import { openClient } from './connection/open-connection.js';
import {
  mongoTarget,
  type MongoStorageOptions,
  type MongoTarget,
} from './mongo-storage.options.js';
import { DEFAULT_COLLECTION, DEFAULT_SUMMARY_COLLECTION } from './mongo-usage-storage.options.js';
import { MongoUsageStorage } from './mongo-usage.storage.js';

/**
 * Keeps records and summaries in MongoDB, on its own connection. Needs the package `mongodb`.
 *
 * @example
 * new MongoStorage({ uri: 'mongodb://localhost:27017/shop', hooks: [sumBasic] });
 *
 * @publicApi
 */
export class MongoStorage extends MongoUsageStorage {
  readonly name: string;
  private readonly target: MongoTarget;

  /**
   * @throws {TrackUsageOptionsError} if the options name no server or two, or an option is invalid.
   */
  constructor(readonly options: MongoStorageOptions) {
    super();
    this.target = mongoTarget(options);
    this.name = options.name ?? 'mongo';
  }

  protected override get isLazy(): boolean {
    return this.options.lazyConnect === true;
  }

  protected async connect(): Promise<MongoConnection> {
    const {
      collection = DEFAULT_COLLECTION,
      summaryCollection = DEFAULT_SUMMARY_COLLECTION,
      website = null,
    } = this.options;
    const { db, ...client } = await openClient(this.target, this.isLazy);
    return {
      ...client,
      collections: collectionsIn(db, db.collection(collection), summaryCollection, website),
    };
  }
}
