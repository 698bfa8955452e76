import { isDuplicate } from '../connection/failures.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import {
  BULK_FAST,
  INSERT,
  READ_LATEST,
  SIMPLE_COLLATION,
  WRITE,
  WRITE_FAST,
} from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { entryOf, STORED_STATE, TIMING_MS, type JournalEntry } from './journal-entry.js';
import { fromNow, JournalReader, WRITERS } from './journal-reader.js';

const { idle, pending, committed } = STORED_STATE;

/**
 * The number of a batch comes from the server's clock, and is greater than the number before. So no
 * number is used twice, even if the state collection is lost or restored from an older dump: rows
 * and records of batches that the collection does not know are never mistaken for those of a later
 * batch.
 */
const LATEST = { $max: ['$seq', { $toLong: '$$NOW' }] };
const NEXT = { $max: [{ $add: ['$seq', 1] }, { $toLong: '$$NOW' }] };
const IS_NOT_PAUSED = { $lte: [{ $ifNull: ['$hold', new Date(0)] }, '$$NOW'] };
const LEASE_IS_OVER = { $expr: { $lt: ['$until', '$$NOW'] } };

/** The cancelled batches, plus the pending one. */
const CANCELLED_WITH_PENDING = {
  $concatArrays: [
    { $ifNull: ['$cancelled', []] },
    [{ seq: '$seq', ids: { $ifNull: ['$ids', []] }, at: '$$NOW' }],
  ],
};

/** Moves writers through their batches. Each step is one update of one document. */
export class BatchJournal extends JournalReader {
  constructor(
    collections: MongoCollections,
    private readonly owner: string,
    private readonly beforeFirst: () => Promise<void> = async () => {},
  ) {
    super(collections);
  }

  /**
   * Acquires a slot for a writer: an idle one that has no owner or whose lease has expired, or else
   * a new one.
   */
  async acquire(): Promise<JournalEntry> {
    const { website } = this.collections;
    const lease = { owner: { $literal: this.owner }, until: fromNow(TIMING_MS.lease) };
    for (;;) {
      const isFree = { state: idle, $or: [{ owner: null }, LEASE_IS_OVER] };
      const order = { sort: { _id: 1 } };
      const free = await this.update({ _id: WRITERS, website, ...isFree }, lease, order);
      if (free) return free;
      const [last] = await this.state
        .find({ _id: WRITERS }, { ...READ_LATEST, projection: { writer: 1 } })
        .sort({ writer: -1 })
        .limit(1)
        .toArray();
      if (!last) await this.beforeFirst();
      const writer = Number(last?.['writer'] ?? 0) + 1;
      const until = new Date(Date.now() + TIMING_MS.lease);
      const slot = { _id: `w:${writer}`, writer, website, owner: this.owner, until };
      const document = { ...slot, seq: 0, state: idle, cancelled: [] };
      try {
        await this.state.insertOne(document, INSERT);
        return entryOf(document);
      } catch (error) {
        // Another process took this number.
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  /**
   * Begins the next batch. Cancels the batch before it if that one is pending.
   *
   * @returns Null if the slot has changed since it was read, or if writers are paused.
   */
  begin(entry: JournalEntry, ids: readonly string[]): Promise<JournalEntry | null> {
    const isPending = { $eq: ['$state', pending] };
    return this.update(
      { ...this.at(entry), state: { $in: [idle, pending] }, $expr: IS_NOT_PAUSED },
      {
        cancelled: { $cond: [isPending, CANCELLED_WITH_PENDING, { $ifNull: ['$cancelled', []] }] },
        seq: NEXT,
        ids: { $literal: ids },
        state: pending,
        at: '$$NOW',
        until: fromNow(TIMING_MS.lease),
      },
    );
  }

  /**
   * Commits a batch: stores the rows that it adds.
   *
   * @returns False if the batch has been cancelled.
   */
  async commit(entry: JournalEntry, rows: string, buckets: readonly string[]): Promise<boolean> {
    const { matchedCount } = await this.state.updateOne(
      { ...this.at(entry), state: pending },
      { $set: { state: committed, rows, buckets, at: new Date() }, $unset: { ids: 1 } },
      WRITE,
    );
    return matchedCount === 1;
  }

  /** Finishes a committed batch after all its rows have been applied. */
  async finish({ _id, seq }: JournalEntry, more: readonly object[] = []): Promise<void> {
    const over = {
      updateOne: {
        filter: { _id, seq, state: committed },
        collation: SIMPLE_COLLATION,
        update: { $set: { state: idle }, $unset: { rows: 1, buckets: 1, ids: 1 } },
      },
    };
    // If this update is lost, the rows are applied again, which changes nothing.
    await this.state.bulkWrite([over, ...more], { ...BULK_FAST, ordered: true });
  }

  /** Ends a pending batch that has no records. */
  async abandon(entry: JournalEntry): Promise<void> {
    await this.state.updateOne(
      { ...this.at(entry), state: pending },
      { $set: { state: idle }, $unset: { ids: 1 } },
      WRITE_FAST,
    );
  }

  /**
   * Moves the numbers of all idle writers past all earlier batches. Records of batches that the
   * state collection has lost are then distinguishable from records of future batches.
   */
  async advance(): Promise<void> {
    await this.state.updateMany(
      { _id: WRITERS, website: this.collections.website, state: idle },
      [{ $set: { seq: LATEST } }],
      WRITE,
    );
  }

  /** Cancels the pending batch of a writer whose lease has expired. */
  cancel({ _id, seq }: JournalEntry): Promise<JournalEntry | null> {
    return this.update(
      { _id, seq, state: pending, ...LEASE_IS_OVER },
      { state: idle, cancelled: CANCELLED_WITH_PENDING, ids: [] },
    );
  }

  async release({ _id }: JournalEntry): Promise<void> {
    await this.state.updateOne({ _id, owner: this.owner }, { $set: { owner: null } }, WRITE_FAST);
  }

  /** Acquires the slot for corrections of sums. Returns null while another process has it. */
  async acquireRebuild(): Promise<JournalEntry | null> {
    const { website } = this.collections;
    const _id = this.rebuildId;
    try {
      const slot = { writer: 0, website, owner: null, seq: 0, state: idle, cancelled: [] };
      await this.state.updateOne({ _id }, { $setOnInsert: slot }, { ...WRITE, upsert: true });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    return this.update(
      { _id, state: { $in: [idle, pending] }, $or: [{ owner: null }, LEASE_IS_OVER] },
      { owner: { $literal: this.owner }, until: fromNow(TIMING_MS.lease), state: idle, ids: [] },
    );
  }

  /**
   * Renews the lease of a slot. Returns false if the slot has changed, for instance has a new
   * owner.
   */
  async renew(entry: JournalEntry): Promise<boolean> {
    return (await this.update(this.at(entry), { until: fromNow(TIMING_MS.lease) })) !== null;
  }

  isOwn({ owner }: JournalEntry): boolean {
    return owner === this.owner;
  }

  private at({ _id, seq }: JournalEntry): MongoDocument {
    return { _id, owner: this.owner, seq };
  }

  private async update(
    filter: object,
    set: object,
    options: object = {},
  ): Promise<JournalEntry | null> {
    const document = await this.state.findOneAndUpdate(filter, [{ $set: set }], {
      ...WRITE,
      ...options,
      returnDocument: 'after',
      includeResultMetadata: false,
    });
    return document && entryOf(document);
  }
}
