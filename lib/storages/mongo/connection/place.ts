import type { MongoCollection, MongoDb, MongoDocument } from './shapes.js';

/** Where a storage keeps its data. */
export interface MongoPlace {
  readonly records: MongoCollection;
  readonly summaries: MongoCollection;
  /** Batches under way, and how many keys the buckets of summaries have. */
  readonly state: MongoCollection;
  readonly db: MongoDb;
  /** Whose records these are, where a collection holds those of several sites; else null. */
  readonly website: string | null;
  /** Makes the document that is stored of the one that the library made. */
  readonly finish?: ((document: MongoDocument) => Promise<MongoDocument>) | undefined;
}

export const DEFAULT_COLLECTION = 'usage_records';
export const DEFAULT_SUMMARY_COLLECTION = 'usage_summaries';

export function placeIn(
  db: MongoDb,
  records: MongoCollection,
  summaryCollection: string,
  website: string | null = null,
): MongoPlace {
  return {
    db,
    records,
    summaries: db.collection(summaryCollection),
    state: db.collection(`${summaryCollection}_state`),
    website,
  };
}

/** The part of a filter that keeps a storage to its own site. */
export function siteFilter(website: string | null): MongoDocument {
  return website === null ? {} : { website: { $eq: website } };
}
