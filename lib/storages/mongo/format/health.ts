import type { BaseStorageParts } from '../../base/base-storage.js';
import type { MigrationStep } from '../../base/migration-step.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { MongoCollection } from '../connection/shapes.js';
import type { TtlOptions } from '../mongo-usage-storage.options.js';
import { readingIndexes, ttlIndexes, type IndexDefinition } from './indexes.js';

/** What MongoDB says of the size and the indexes of the collections. */
export class MongoHealth implements NonNullable<BaseStorageParts['health']> {
  constructor(
    private readonly collections: MongoCollections,
    private readonly ttl: TtlOptions,
  ) {}

  /** The bytes of the collections as they are stored; of all sites, where there are several. */
  async bytes(): Promise<number | null> {
    let bytes = 0;
    for (const { collectionName } of this.all()) {
      const stats = (await this.collections.db
        .command({ collStats: collectionName }, READ_LATEST)
        .catch(() => null)) as { storageSize?: number; totalIndexSize?: number } | null;
      if (stats === null) return null;
      bytes += (stats.storageSize ?? 0) + (stats.totalIndexSize ?? 0);
    }
    return bytes;
  }

  async faults(): Promise<readonly string[]> {
    return [];
  }

  async missing(): Promise<readonly MigrationStep[]> {
    const found = new Map<string, ReadonlySet<unknown>>();
    for (const collection of this.all())
      found.set(collection.collectionName, await this.indexNames(collection));
    return [...readingIndexes(this.collections), ...ttlIndexes(this.collections, this.ttl)]
      .filter(({ collection, name }) => !found.get(collection.collectionName)!.has(name))
      .map((index) => ({
        name: `index ${index.name} of ${index.collection.collectionName}`,
        statements: [statementOf(index)],
      }));
  }

  private async indexNames({ collectionName }: MongoCollection): Promise<ReadonlySet<unknown>> {
    try {
      const { cursor } = (await this.collections.db.command(
        { listIndexes: collectionName, cursor: { batchSize: 1000 } },
        READ_LATEST,
      )) as { cursor: { firstBatch: { name: string }[] } };
      return new Set(cursor.firstBatch.map(({ name }) => name));
    } catch (error) {
      if ((error as { code?: unknown }).code === NAMESPACE_NOT_FOUND) return new Set();
      throw error;
    }
  }

  private all(): readonly MongoCollection[] {
    const { records, summaries, state } = this.collections;
    return [records, summaries, state];
  }
}

const NAMESPACE_NOT_FOUND = 26;

/** As the shell of MongoDB takes it. */
function statementOf({ collection, name, keys, options }: IndexDefinition): string {
  const target = `db.getCollection(${JSON.stringify(collection.collectionName)})`;
  return `${target}.createIndex(${JSON.stringify(keys)}, ${JSON.stringify({ name, ...options })})`;
}
