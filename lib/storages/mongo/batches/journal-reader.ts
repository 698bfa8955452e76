import { siteIdOf, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST, WRITE_FAST } from '../connection/operation-options.js';
import { entryOf, STORED_STATE, type JournalEntry } from './journal-entry.js';

/** Selects writers by a range of ids, because the collection also holds other documents. */
export const WRITERS = { $gte: 'w:', $lt: 'w;' };
export const fromNow = (milliseconds: number) => ({ $add: ['$$NOW', milliseconds] });

/** Reads the journal of all writers. */
export class JournalReader {
  constructor(protected readonly collections: MongoCollections) {}

  /** Id of the slot for corrections of sums. Each site has one. */
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

  /** Reads the slots of all writers of this site. */
  async all(): Promise<JournalEntry[]> {
    const documents = await this.state
      .find({ _id: WRITERS, website: this.collections.website }, READ_LATEST)
      .toArray();
    return documents.map(entryOf);
  }

  /**
   * Reads the slots whose batch was committed at least `age` milliseconds ago and is not finished.
   */
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

  /** Stops all writers from beginning batches for a while. With 0, they may begin again. */
  async pauseWriters(milliseconds: number): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.collections.website },
      [{ $set: { hold: fromNow(milliseconds) } }],
      WRITE_FAST,
    );
  }

  /**
   * Removes batches that were cancelled so long ago that none of their inserts can still arrive.
   */
  async forgetCancelled(before: Date): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.collections.website, 'cancelled.at': { $lt: before } },
      { $pull: { cancelled: { at: { $lt: before } } } },
      WRITE_FAST,
    );
  }
}
