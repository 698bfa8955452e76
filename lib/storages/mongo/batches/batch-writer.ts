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
import { dropReservations } from '../summaries/key-reservations.js';
import { restoreState } from '../summaries/restore-state.js';
import { rowsOf, rowsText } from './batch-rows.js';
import { claimRecords } from '../records/record-writer.js';
import { SerialQueue } from '../../../support/serial-queue.js';
import { TIMING_MS } from './journal-entry.js';
import { batchRef, type JournalEntry } from './journal-entry.js';
import { BatchJournal } from './batch-journal.js';

const MAX_RECORDS = 2_000;
// A document may have 16 MiB at most.
const MAX_ROWS_BYTES = 12 * 1024 * 1024;

/**
 * Stores batches and counts each record exactly once, without transactions, even if answers are
 * lost or processes die.
 *
 * Each writer has a slot in the journal and runs one batch at a time:
 *
 * 1. begin: the batch is `pending` and lists the ids of its records;
 * 2. insert: the records are inserted with the batch's name. The batch that inserts a record counts
 *    it;
 * 3. commit: the batch's records are now known, and the journal stores the rows that they add. From
 *    here on the batch is decided, and any process can finish it;
 * 4. apply: `$inc` adds to each row of the sums. The row notes writer and batch, and counts no
 *    batch twice;
 * 5. finish: the writer is `idle`.
 *
 * A batch that stops before step 3, because an answer is lost or its process dies, is cancelled: by
 * the writer's next batch, or by another process after the lease expires. Records of cancelled
 * batches belong to no batch. A later batch claims them by writing its own name on them, and counts
 * the ones it claimed. A batch cannot be both committed and cancelled, because both are steps of
 * the same document. So each record belongs to one committed batch, and each batch is applied once.
 */
export class BatchWriter {
  readonly journal: BatchJournal;
  readonly cap: KeyCardinalityCap;
  private readonly queue = new SerialQueue();
  private entry: JournalEntry | null = null;
  /** Whether the stored slot may differ from `entry`. */
  private isUnsure = false;
  /** The cancelled batches whose records have been counted. */
  private readonly counted = new Set<string>();

  constructor(
    private readonly collections: MongoCollections,
    private readonly summarizer: Summarizer,
    maxKeys: number,
    logger: LoggerService,
  ) {
    this.journal = new BatchJournal(collections, randomUUID(), () =>
      restoreState(collections, maxKeys, logger),
    );
    this.cap = new KeyCardinalityCap(collections, maxKeys);
  }

  /** @param records With distinct ids. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += MAX_RECORDS) {
      const part = records.slice(at, at + MAX_RECORDS);
      await this.queue.run(() => this.write(part));
    }
  }

  /** Counts the records of cancelled batches of all writers. */
  async countCancelled(): Promise<void> {
    const old = new Date(Date.now() - TIMING_MS.cancelled);
    const left = (await this.journal.all()).flatMap(({ writer, cancelled }) =>
      cancelled.map((batch) => ({ ...batch, ref: batchRef(writer, batch.seq) })),
    );
    const due = left.filter(({ ref, at }) => !this.counted.has(ref) || at < old);
    const ids = [...new Set(due.flatMap((batch) => batch.ids))];
    for (let at = 0; at < ids.length; at += MAX_RECORDS) {
      const part = ids.slice(at, at + MAX_RECORDS);
      await this.queue.run(() => this.write([], part));
    }
    for (const { ref } of due) this.counted.add(ref);
    if (due.some(({ at }) => at < old)) await this.journal.forgetCancelled(old);
  }

  /** Finishes the batches of all writers that were committed at least `ageMs` ago. */
  async completeStalled(ageMs: number): Promise<void> {
    for (const stalled of await this.journal.stalled(ageMs)) await this.complete(stalled);
  }

  /**
   * Commits a pending batch, and applies its rows.
   *
   * @returns False if the batch has been cancelled; `'too large'` if its rows do not fit into the
   * journal.
   */
  async commitAndApply(
    entry: JournalEntry,
    increments: readonly SummaryIncrement[],
  ): Promise<boolean | 'too large'> {
    const { rows, buckets } = await this.cap.admit(increments, entry.writer);
    const text = rowsText(rows);
    if (Buffer.byteLength(text) > MAX_ROWS_BYTES) return 'too large';
    if (!(await this.journal.commit(entry, text, buckets))) return false;
    await this.apply(entry, text, buckets);
    this.cap.made(rows);
    return true;
  }

  async close(): Promise<void> {
    await this.queue.run(async () => {
      const { entry } = this;
      this.entry = null;
      if (entry) await this.journal.release(entry);
    });
  }

  /** @param left Ids of records to claim. Default: those of the writer's own cancelled batches. */
  private async write(
    records: readonly UsageRecord[],
    left: readonly string[] | null = null,
  ): Promise<void> {
    // The batches of this call that were cancelled before they were committed.
    const given: string[] = [];
    for (;;) {
      const entry = await this.begin(records);
      const ref = batchRef(entry.writer, entry.seq);
      const outcome = await insertRecords(this.collections, records, ref);
      const own = left ? [] : this.uncounted(entry);
      const wanted = left ?? own.flatMap(({ ids }) => ids);
      const claimed = await this.claim(entry, outcome, wanted, given);
      if (claimed.length === 0) await this.journal.abandon(entry);
      else {
        const done = await this.commitAndApply(entry, this.summarizer.summarize(claimed));
        if (done === 'too large') return this.writeHalves(records, wanted);
        if (!done) {
          given.push(ref);
          continue;
        }
      }
      this.entry = { ...entry, state: 'idle' };
      this.isUnsure = false;
      for (const { seq } of own) this.counted.add(batchRef(entry.writer, seq));
      if (outcome.refused.length === 0) return;
      const { collectionName } = this.collections.records;
      throw new RefusedRecordsError(collectionName, records.length, outcome.refused);
    }
  }

  /** Begins a batch, after the batch before it has been finished or cancelled. */
  private async begin(records: readonly UsageRecord[]): Promise<JournalEntry> {
    const ids = records.map(({ id }) => id);
    for (;;) {
      if (this.isUnsure) await this.settle();
      this.entry ??= await this.journal.acquire();
      this.isUnsure = true;
      const begun = await this.journal.begin(this.entry, ids);
      if (begun) return (this.entry = begun);
      // Writers are paused, or another process changed the slot. Both pass soon.
      await pause(5 + Math.random() * 20);
    }
  }

  private async settle(): Promise<void> {
    if (this.entry === null) return;
    const now = await this.journal.read(this.entry._id);
    if (now) await this.complete(now);
    this.entry = now && this.journal.isOwn(now) ? now : null;
  }

  private uncounted({ writer, cancelled }: JournalEntry) {
    return cancelled.filter(({ seq }) => !this.counted.has(batchRef(writer, seq)));
  }

  private async claim(
    entry: JournalEntry,
    { inserted, repeated }: InsertOutcome,
    left: readonly string[],
    given: readonly string[],
  ): Promise<readonly UsageRecord[]> {
    const ids = new Set([...repeated, ...left]);
    for (const { id } of inserted) ids.delete(id);
    if (ids.size === 0) return inserted;
    const cancelled = [
      ...given,
      ...(await this.journal.all()).flatMap((each) =>
        each.cancelled.map(({ seq }) => batchRef(each.writer, seq)),
      ),
    ];
    const ref = batchRef(entry.writer, entry.seq);
    return [...inserted, ...(await claimRecords(this.collections, ref, cancelled, [...ids]))];
  }

  private async complete(entry: JournalEntry): Promise<void> {
    if (entry.state !== 'committed' || entry.rows === null) return;
    await this.apply(entry, entry.rows, entry.buckets);
  }

  private async apply(
    entry: JournalEntry,
    rows: string,
    buckets: readonly string[],
  ): Promise<void> {
    await applyRows(this.collections, rowsOf(rows), entry);
    await this.journal.finish(entry, dropReservations(buckets, entry.writer));
  }

  // The next batch cancels this one, and claims the records that it inserted.
  private async writeHalves(
    records: readonly UsageRecord[],
    left: readonly string[],
  ): Promise<void> {
    for (const half of splitInHalf(records)) await this.write(half, []);
    for (const half of splitInHalf(left)) await this.write([], half);
  }
}

function splitInHalf<T>(items: readonly T[]): (readonly T[])[] {
  const middle = (items.length + 1) >> 1;
  return [items.slice(0, middle), items.slice(middle)].filter(({ length }) => length > 0);
}
