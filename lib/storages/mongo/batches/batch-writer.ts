import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../../../record/index.js';
import type { Summarizer, SummaryIncrement } from '../../../summary/index.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { insertRecords, type InsertOutcome } from '../records/record-writer.js';
import { RefusedRecordsError } from '../connection/failures.js';
import { applyRows } from '../summaries/sum-writer.js';
import { KeyCardinalityCap } from '../summaries/key-cardinality-cap.js';
import { restoreState } from '../summaries/restore-state.js';
import { rowsOf, rowsText } from './batch-rows.js';
import { claimRecords } from '../records/record-writer.js';
import { TIMING } from './journal-entry.js';
import { batchRef, type WriterDocument } from './journal-entry.js';
import { BatchJournal } from './batch-journal.js';
import { SerialQueue } from '../../../support/serial-queue.js';

const MOST_RECORDS = 2_000;
// Of the 16 MiB that a document may have.
const MOST_ROWS_BYTES = 12 * 1024 * 1024;

/**
 * Stores batches and counts each record once, without transactions, whatever answer is lost and
 * whichever process dies.
 *
 * Each writer has a document in the state collection and goes through its batches one by one:
 *
 * 1. begin: the batch is `open` and lists the ids of its records;
 * 2. insert: the records, each with the batch's name. Who inserts a record has it to count;
 * 3. seal: once it is known which records are the batch's, what they add is written down. From
 *    here on the batch is decided, and whoever finds it can finish it;
 * 4. apply: `$inc` on each row of the sums. The row notes writer and batch, and takes none twice;
 * 5. finish: the writer is `idle`.
 *
 * A batch that stops before 3, because an answer is lost or its process dies, is cancelled: by the
 * writer's next batch, or by another process when its time is over. The records of cancelled
 * batches belong to nobody; a later batch claims them by putting its own name on them, and counts
 * those that it got. A batch cannot be both sealed and cancelled, because both are a step of one
 * document. So a record belongs to one batch that is sealed, and each batch is applied once.
 */
export class BatchWriter {
  readonly log: BatchJournal;
  readonly admission: KeyCardinalityCap;
  private readonly lane = new SerialQueue();
  private writer: WriterDocument | null = null;
  /** Whether the writer's document may differ from what is known of it. */
  private isUnsure = false;
  /** Cancelled batches whose records have been claimed. */
  private readonly swept = new Set<string>();

  constructor(
    private readonly place: MongoCollections,
    private readonly summarizer: Summarizer,
    maxKeys: number,
    logger: LoggerService,
  ) {
    this.log = new BatchJournal(place, randomUUID(), () => restoreState(place, maxKeys, logger));
    this.admission = new KeyCardinalityCap(place, maxKeys);
  }

  /** @param records Each id once. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += MOST_RECORDS) {
      const part = records.slice(at, at + MOST_RECORDS);
      await this.lane.run(() => this.write(part));
    }
  }

  /** Counts the records that cancelled batches have left, whoever's they are. */
  async sweep(): Promise<void> {
    const old = new Date(Date.now() - TIMING.cancelled);
    const left = (await this.log.all()).flatMap(({ writer, cancelled }) =>
      cancelled.map((batch) => ({ ...batch, ref: batchRef(writer, batch.seq) })),
    );
    const due = left.filter(({ ref, at }) => !this.swept.has(ref) || at < old);
    const ids = [...new Set(due.flatMap((batch) => batch.ids))];
    for (let at = 0; at < ids.length; at += MOST_RECORDS) {
      const part = ids.slice(at, at + MOST_RECORDS);
      await this.lane.run(() => this.write([], part));
    }
    for (const { ref } of due) this.swept.add(ref);
    if (due.some(({ at }) => at < old)) await this.log.forgetCancelled(old);
  }

  /** Decides what an open batch adds, and adds it. False if the batch has been cancelled. */
  async sealAndApply(
    writer: WriterDocument,
    increments: readonly SummaryIncrement[],
  ): Promise<boolean | 'too large'> {
    const { rows, buckets } = await this.admission.admit(increments, writer.writer);
    const text = rowsText(rows);
    if (Buffer.byteLength(text) > MOST_ROWS_BYTES) return 'too large';
    if (!(await this.log.seal(writer, text, buckets))) return false;
    await this.apply(writer, text, buckets);
    this.admission.made(rows);
    return true;
  }

  /** Applies a sealed batch, whoever's it is. */
  async complete(writer: WriterDocument): Promise<void> {
    if (writer.state !== 'sealed' || writer.rows === null) return;
    await this.apply(writer, writer.rows, writer.buckets);
  }

  async close(): Promise<void> {
    await this.lane.run(async () => {
      const { writer } = this;
      this.writer = null;
      if (writer) await this.log.release(writer);
    });
  }

  /** @param left Ids of records to claim; default: those that the writer itself has left. */
  private async write(
    records: readonly UsageRecord[],
    left: readonly string[] | null = null,
  ): Promise<void> {
    // Batches of this call that have not been sealed, and never will be.
    const over: string[] = [];
    for (;;) {
      const writer = await this.begun(records);
      const ref = batchRef(writer.writer, writer.seq);
      const outcome = await insertRecords(this.place, records, ref);
      const own = left ? [] : this.unswept(writer);
      const wanted = left ?? own.flatMap(({ ids }) => ids);
      const counted = await this.claimed(writer, outcome, wanted, over);
      if (counted.length === 0) await this.log.drop(writer);
      else {
        const sealed = await this.sealAndApply(writer, this.summarizer.summarize(counted));
        if (sealed === 'too large') return this.writeHalves(records, wanted);
        if (!sealed) {
          over.push(ref);
          continue;
        }
      }
      this.writer = { ...writer, state: 'idle' };
      this.isUnsure = false;
      for (const { seq } of own) this.swept.add(batchRef(writer.writer, seq));
      if (outcome.refused.length === 0) return;
      const { collectionName } = this.place.records;
      throw new RefusedRecordsError(collectionName, records.length, outcome.refused);
    }
  }

  /** A batch that has just been opened, the one before finished or cancelled. */
  private async begun(records: readonly UsageRecord[]): Promise<WriterDocument> {
    const ids = records.map(({ id }) => id);
    for (;;) {
      if (this.isUnsure) await this.settle();
      this.writer ??= await this.log.acquire();
      this.isUnsure = true;
      const begun = await this.log.begin(this.writer, ids);
      if (begun) return (this.writer = begun);
      // Held off by a reader, or overtaken: either way it is over soon.
      await pause(5 + Math.random() * 20);
    }
  }

  private async settle(): Promise<void> {
    if (this.writer === null) return;
    const now = await this.log.read(this.writer._id);
    if (now) await this.complete(now);
    this.writer = now && this.log.isOwn(now) ? now : null;
  }

  private unswept({ writer, cancelled }: WriterDocument) {
    return cancelled.filter(({ seq }) => !this.swept.has(batchRef(writer, seq)));
  }

  private async claimed(
    writer: WriterDocument,
    { inserted, repeated }: InsertOutcome,
    left: readonly string[],
    over: readonly string[],
  ): Promise<readonly UsageRecord[]> {
    const ids = new Set([...repeated, ...left]);
    for (const { id } of inserted) ids.delete(id);
    if (ids.size === 0) return inserted;
    const writers = await this.log.all();
    return [...inserted, ...(await claimRecords(this.place, writer, writers, [...ids], over))];
  }

  private async apply(
    writer: WriterDocument,
    rows: string,
    buckets: readonly string[],
  ): Promise<void> {
    await applyRows(this.place, rowsOf(rows), writer);
    await this.log.finish(writer, KeyCardinalityCap.release(buckets, writer.writer));
  }

  // The next batch cancels this one, and claims what it has inserted.
  private async writeHalves(
    records: readonly UsageRecord[],
    left: readonly string[],
  ): Promise<void> {
    for (const half of halves(records)) await this.write(half, []);
    for (const half of halves(left)) await this.write([], half);
  }
}

function halves<T>(items: readonly T[]): (readonly T[])[] {
  const middle = (items.length + 1) >> 1;
  return [items.slice(0, middle), items.slice(middle)].filter(({ length }) => length > 0);
}
