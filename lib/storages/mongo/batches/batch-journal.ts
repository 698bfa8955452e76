import {
  BULK_FAST,
  INSERT,
  READ_LATEST,
  SIMPLE_COLLATION,
  WRITE,
  WRITE_FAST,
} from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { MongoDocument } from '../connection/shapes.js';
import { isDuplicate } from '../connection/failures.js';
import { TIMING } from './journal-entry.js';
import { writerOf, type WriterDocument } from './journal-entry.js';
import { LATER, WriterList, WRITERS } from './journal-reader.js';

/**
 * What a batch is numbered by: the server's clock, and more than the batch before. So no number
 * comes twice, though the state collection is lost or restored from an older dump: rows and
 * records of batches that it does not know are never taken for those of a later one.
 */
const LATEST = { $max: ['$seq', { $toLong: '$$NOW' }] };
const NEXT = { $max: [{ $add: ['$seq', 1] }, { $toLong: '$$NOW' }] };
const NOT_HELD = { $lte: [{ $ifNull: ['$hold', new Date(0)] }, '$$NOW'] };

/** Cancelled batches, with the one that is open. */
const CANCELLED_TOO = {
  $concatArrays: [
    { $ifNull: ['$cancelled', []] },
    [{ seq: '$seq', ids: { $ifNull: ['$ids', []] }, at: '$$NOW' }],
  ],
};

/** The steps of writers through their batches, each one step of one document. */
export class BatchJournal extends WriterList {
  constructor(
    place: MongoCollections,
    private readonly owner: string,
    private readonly beforeFirst: () => Promise<void> = async () => {},
  ) {
    super(place);
  }

  /** A place for a writer: one that nobody holds, or a new one. */
  async acquire(): Promise<WriterDocument> {
    for (;;) {
      const free = await this.update(
        {
          _id: WRITERS,
          website: this.place.website,
          state: 'idle',
          $or: [{ owner: null }, { $expr: { $lt: ['$until', '$$NOW'] } }],
        },
        { owner: { $literal: this.owner }, until: LATER(TIMING.lease) },
        { sort: { _id: 1 } },
      );
      if (free) return free;
      const [last] = await this.state
        .find({ _id: WRITERS }, { ...READ_LATEST, projection: { writer: 1 } })
        .sort({ writer: -1 })
        .limit(1)
        .toArray();
      if (!last) await this.beforeFirst();
      const writer = Number(last?.['writer'] ?? 0) + 1;
      const document = {
        _id: `w:${writer}`,
        writer,
        website: this.place.website,
        owner: this.owner,
        until: new Date(Date.now() + TIMING.lease),
        seq: 0,
        state: 'idle',
        cancelled: [],
      };
      try {
        await this.state.insertOne(document, INSERT);
        return writerOf(document);
      } catch (error) {
        // Another process took that number.
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  /**
   * Begins the next batch; the one before is cancelled if it was open. Null if the writer is no
   * longer as it is known, or is to hold off.
   */
  begin(writer: WriterDocument, ids: readonly string[]): Promise<WriterDocument | null> {
    return this.update(
      {
        ...this.at(writer),
        state: { $in: ['idle', 'open'] },
        $expr: NOT_HELD,
      },
      {
        cancelled: {
          $cond: [{ $eq: ['$state', 'open'] }, CANCELLED_TOO, { $ifNull: ['$cancelled', []] }],
        },
        seq: NEXT,
        ids: { $literal: ids },
        state: 'open',
        at: '$$NOW',
        until: LATER(TIMING.lease),
      },
    );
  }

  /** Decides what a batch adds. False if somebody has cancelled it. */
  async seal(writer: WriterDocument, rows: string, buckets: readonly string[]): Promise<boolean> {
    const { matchedCount } = await this.state.updateOne(
      { ...this.at(writer), state: 'open' },
      { $set: { state: 'sealed', rows, buckets, at: new Date() }, $unset: { ids: 1 } },
      WRITE,
    );
    return matchedCount === 1;
  }

  /** The step by which a sealed batch is over, all its rows applied. */
  async finish({ _id, seq }: WriterDocument, more: readonly object[] = []): Promise<void> {
    const over = {
      updateOne: {
        filter: { _id, seq, state: 'sealed' },
        collation: SIMPLE_COLLATION,
        update: { $set: { state: 'idle' }, $unset: { rows: 1, buckets: 1, ids: 1 } },
      },
    };
    // If it is lost, the rows are applied once more, which changes nothing.
    await this.state.bulkWrite([over, ...more], { ...BULK_FAST, ordered: true });
  }

  /** Ends a batch that no record belongs to. */
  async drop(writer: WriterDocument): Promise<void> {
    await this.state.updateOne(
      { ...this.at(writer), state: 'open' },
      { $set: { state: 'idle' }, $unset: { ids: 1 } },
      WRITE_FAST,
    );
  }

  /**
   * Moves all writers that rest past the batches that were there before now, so that records of
   * batches that the state collection has lost are told from those of batches yet to come.
   */
  async advance(): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.place.website, state: 'idle' },
      [{ $set: { seq: LATEST } }],
      WRITE,
    );
  }

  /** Cancels the open batch of a writer whose time is over. */
  cancel({ _id, seq }: WriterDocument): Promise<WriterDocument | null> {
    return this.update(
      { _id, seq, state: 'open', $expr: { $lt: ['$until', '$$NOW'] } },
      { state: 'idle', cancelled: CANCELLED_TOO, ids: [] },
    );
  }

  /** Lets go of a writer's place. */
  async release({ _id }: WriterDocument): Promise<void> {
    await this.state.updateOne({ _id, owner: this.owner }, { $set: { owner: null } }, WRITE_FAST);
  }

  /** The right to correct sums; null while another has it. */
  async acquireRebuild(): Promise<WriterDocument | null> {
    const { website } = this.place;
    const _id = this.rebuildId;
    try {
      const idle = { writer: 0, website, owner: null, seq: 0, state: 'idle', cancelled: [] };
      await this.state.updateOne({ _id }, { $setOnInsert: idle }, { ...WRITE, upsert: true });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    return this.update(
      {
        _id,
        state: { $in: ['idle', 'open'] },
        $or: [{ owner: null }, { $expr: { $lt: ['$until', '$$NOW'] } }],
      },
      { owner: { $literal: this.owner }, until: LATER(TIMING.lease), state: 'idle', ids: [] },
    );
  }

  /** Says that the one who has a document is still at work. False if it has it no more. */
  async keep(writer: WriterDocument): Promise<boolean> {
    return (await this.update(this.at(writer), { until: LATER(TIMING.lease) })) !== null;
  }

  isOwn({ owner }: WriterDocument): boolean {
    return owner === this.owner;
  }

  private at({ _id, seq }: WriterDocument): MongoDocument {
    return { _id, owner: this.owner, seq };
  }

  private async update(
    filter: object,
    set: object,
    options: object = {},
  ): Promise<WriterDocument | null> {
    const document = await this.state.findOneAndUpdate(filter, [{ $set: set }], {
      ...WRITE,
      ...options,
      returnDocument: 'after',
      includeResultMetadata: false,
    });
    return document && writerOf(document);
  }
}
