import { siteIdOf, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST, WRITE_FAST } from '../connection/operation-options.js';
import { entryOf, STORED_STATE, type JournalEntry } from './journal-entry.js';

/** Writers are read by a range of ids, since the collection has documents of other kinds. */
export const WRITERS = { $gte: 'w:', $lt: 'w;' };
export const fromNow = (milliseconds: number) => ({ $add: ['$$NOW', milliseconds] });

/** The journal as other writers see it. */
export class JournalReader {
  constructor(protected readonly collections: MongoCollections) {}

  /** The slot of those who correct sums, one for each site. */
  get rebuildId(): string {
    return `r:${siteIdOf(this.collections)}`;
  }

  protected get state() {
    return this.collections.state;
  }

  async read(_id: string): Promise<JournalEntry | null> {
    const document = await this.state.findOne({ _id }, READ_LATEST);
    return document && entryOf(document);
  }

  /** Every writer of this site. */
  async all(): Promise<JournalEntry[]> {
    const documents = await this.state
      .find({ _id: WRITERS, website: this.collections.website }, READ_LATEST)
      .toArray();
    return documents.map(entryOf);
  }

  /** Writers whose batch was committed so many milliseconds ago and is not finished. */
  async stalled(age: number): Promise<JournalEntry[]> {
    const documents = await this.state
      .find(
        {
          _id: { $gte: 'r:', $lt: 'w;' },
          website: this.collections.website,
          state: STORED_STATE.committed,
          $expr: { $lte: ['$at', { $subtract: ['$$NOW', age] }] },
        },
        READ_LATEST,
      )
      .toArray();
    return documents.map(entryOf);
  }

  /** Makes all writers begin no batch for a while; with 0 lets them begin again. */
  async pauseWriters(milliseconds: number): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.collections.website },
      [{ $set: { hold: fromNow(milliseconds) } }],
      WRITE_FAST,
    );
  }

  /** Forgets batches cancelled so long ago that no insert of theirs can arrive any more. */
  async forgetCancelled(before: Date): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.collections.website, 'cancelled.at': { $lt: before } },
      { $pull: { cancelled: { at: { $lt: before } } } },
      WRITE_FAST,
    );
  }
}
