import { createHash } from 'node:crypto';
import type { MongoCollection, MongoDb, MongoDocument } from './shapes.js';

/** The collections in which a storage keeps its data. */
export interface MongoCollections {
  readonly records: MongoCollection;
  readonly summaries: MongoCollection;
  /** The journal of batches, and the number of keys of each bucket. */
  readonly state: MongoCollection;
  readonly db: MongoDb;
  /** The storage's site, if the collection holds records of several sites; else null. */
  readonly website: string | null;
  /** Names of the collections that have a collation, as found at the start. */
  readonly collated: Set<string>;
  /** Turns the library's document into the one that is stored. */
  readonly finish?: ((document: MongoDocument) => Promise<MongoDocument>) | undefined;
}

/** The collections, and the connection to them if it is the storage's own. */
export interface MongoConnection {
  readonly collections: MongoCollections;
  /** Connects or reconnects. A client that failed to connect does not retry by itself. */
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

/** A digest of a text. No collation mistakes it for another text's digest. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/**
 * The site's part of an `_id`. If the collection has a collation, ids that it considers equal
 * cannot both exist, so the `_id` holds a digest of the site's name.
 */
export function siteIdOf(
  { website, state, collated }: MongoCollections,
  collection: MongoCollection = state,
): string {
  if (website === null) return '';
  return collated.has(collection.collectionName) ? digest(website) : website;
}

/** The part of a filter that restricts a storage to its own site. */
export function siteFilter(website: string | null): MongoDocument {
  return website === null ? {} : { website: { $eq: website } };
}
