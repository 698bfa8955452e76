import { placeIn, type MongoCollections } from './connection/mongo-collections.js';
import { openClient, type OpenClient } from './connection/open-connection.js';
import {
  mongoTarget,
  type MongoStorageOptions,
  type MongoTarget,
} from './mongo-storage.options.js';
import { DEFAULT_COLLECTION, DEFAULT_SUMMARY_COLLECTION } from './mongo-usage-storage.options.js';
import { MongoUsageStorage } from './mongo-usage.storage.js';

/**
 * Keeps records and summaries in MongoDB, on a connection of its own. Needs the package `mongodb`.
 *
 * @example
 * new MongoStorage({ uri: 'mongodb://localhost:27017/shop', hooks: [sumBasic] });
 *
 * @publicApi
 */
export class MongoStorage extends MongoUsageStorage {
  readonly name: string;
  private readonly target: MongoTarget;
  private client: OpenClient | null = null;

  /** @throws {TypeError} for options that name no server, or two, or are of the wrong kind. */
  constructor(readonly options: MongoStorageOptions) {
    super();
    this.target = mongoTarget(options);
    this.name = options.name ?? 'mongo';
  }

  protected override get isLazy(): boolean {
    return this.options.lazyConnect === true;
  }

  protected async connect(): Promise<MongoCollections> {
    const { collection = DEFAULT_COLLECTION, summaryCollection = DEFAULT_SUMMARY_COLLECTION } =
      this.options;
    this.client = await openClient(this.target, this.isLazy);
    const { db } = this.client;
    return placeIn(db, db.collection(collection), summaryCollection);
  }

  protected override async reach(): Promise<void> {
    await this.client?.reach();
  }

  protected override async disconnect(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.close();
  }
}
