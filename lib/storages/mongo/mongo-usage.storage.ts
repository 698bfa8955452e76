import { BaseStorage } from '../base/base-storage.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import type { MongoConnection } from './connection/mongo-collections.js';
import { mongoPlace } from './connection/mongo-place.js';
import { MongoParts } from './mongo-parts.js';
import type { MongoUsageOptions } from './mongo-usage-storage.options.js';

/** The common part of the storages on MongoDB: everything except the connection. */
export abstract class MongoUsageStorage extends BaseStorage<MongoParts> {
  abstract override readonly options: MongoUsageOptions;

  /** Connects, or uses the application's connection. */
  protected abstract connect(): Promise<MongoConnection>;

  /** Whether the storage opens while the server is unreachable. */
  protected get isLazy(): boolean {
    return false;
  }

  protected override placeOf(parts: MongoParts): string {
    return mongoPlace(parts.collections);
  }

  protected async openParts(context: UsageStorageContext): Promise<MongoParts> {
    const connection = await this.connect();
    try {
      const parts = new MongoParts(this.name, connection, context, this.options.ttl ?? {});
      if (this.isLazy) parts.readyLater();
      else await parts.ready();
      return parts;
    } catch (error) {
      await connection.close?.();
      throw error;
    }
  }
}
