import { createHash } from 'node:crypto';
import type { MongoCollection, MongoDb, MongoDocument } from './shapes.js';

/** Where a storage keeps its data. */
export interface MongoCollections {
  readonly records: MongoCollection;
  readonly summaries: MongoCollection;
  /** Batches under way, and how many keys the buckets of summaries have. */
  readonly state: MongoCollection;
  readonly db: MongoDb;
  /** Whose records these are, where a collection holds those of several sites; else null. */
  readonly website: string | null;
  /** Names of those of the collections that have a collation, as found at the start. */
  readonly collated: Set<string>;
  /** Makes the document that is stored of the one that the library made. */
  readonly finish?: ((document: MongoDocument) => Promise<MongoDocument>) | undefined;
}

/** Collections, and the connection to them as far as it is the storage's own. */
export interface MongoConnection {
  readonly collections: MongoCollections;
  /** Connects, or connects anew: a client that has failed to does not try again by itself. */
  reach?(): Promise<unknown>;
  close?(): Promise<void>;
}

export function collectionsIn(
  db: MongoDb,
  records: MongoCollection,
  summaryCollection: string,
  website: string | null = null,
): MongoCollections {
  return {
    db,
    records,
    summaries: db.collection(summaryCollection),
    state: db.collection(`${summaryCollection}_state`),
    website,
    collated: new Set(),
  };
}

/** A digest of a text, which no collation can take for another's. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/**
 * The site's part of an `_id`. Where the collection has a collation, ids that it
 * takes for the same cannot both be there, so the site's name is not in them as it is.
 */
export function siteIdOf(
  { website, state, collated }: MongoCollections,
  collection: MongoCollection = state,
): string {
  if (website === null) return '';
  return collated.has(collection.collectionName) ? digest(website) : website;
}

/** The part of a filter that keeps a storage to its own site. */
export function siteFilter(website: string | null): MongoDocument {
  return website === null ? {} : { website: { $eq: website } };
}
