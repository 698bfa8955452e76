import { siteIdOf, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST, WRITE_FAST } from '../connection/operation-options.js';
import { writerOf, type WriterDocument } from './journal-entry.js';

/** Writers are read by a range of ids: there are many documents of other kinds. */
export const WRITERS = { $gte: 'w:', $lt: 'w;' };
export const LATER = (milliseconds: number) => ({ $add: ['$$NOW', milliseconds] });

/** All writers of a site as others see them. */
export class WriterList {
  constructor(protected readonly place: MongoCollections) {}

  /** The document of those who correct sums, one for each site. */
  get rebuildId(): string {
    return `r:${siteIdOf(this.place)}`;
  }

  protected get state() {
    return this.place.state;
  }

  async read(_id: string): Promise<WriterDocument | null> {
    const document = await this.state.findOne({ _id }, READ_LATEST);
    return document && writerOf(document);
  }

  /** All writers of this site. */
  async all(): Promise<WriterDocument[]> {
    const documents = await this.state
      .find({ _id: WRITERS, website: this.place.website }, READ_LATEST)
      .toArray();
    return documents.map(writerOf);
  }

  /** Writers whose sealed batch has been waiting for so many milliseconds. */
  async stalled(age: number): Promise<WriterDocument[]> {
    const documents = await this.state
      .find(
        {
          _id: { $gte: 'r:', $lt: 'w;' },
          website: this.place.website,
          state: 'sealed',
          $expr: { $lte: ['$at', { $subtract: ['$$NOW', age] }] },
        },
        READ_LATEST,
      )
      .toArray();
    return documents.map(writerOf);
  }

  /** Has all writers begin no batch for a while, or lets them begin again. */
  async hold(milliseconds: number): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.place.website },
      [{ $set: { hold: LATER(milliseconds) } }],
      WRITE_FAST,
    );
  }

  /** Forgets batches that were cancelled so long ago that no insert of theirs can come any more. */
  async forgetCancelled(before: Date): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.place.website, 'cancelled.at': { $lt: before } },
      { $pull: { cancelled: { at: { $lt: before } } } },
      WRITE_FAST,
    );
  }
}
