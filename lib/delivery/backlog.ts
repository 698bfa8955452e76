import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import { type QueuedRecord, RecordQueue } from './record-queue.js';

/** Estimated bytes of a batch: databases limit the size of a request. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** What waits in memory though the journal has it, so that a storage need not wait for the disk. */
const MAX_JOURNALED = 20_000;
const MAX_JOURNALED_BYTES = 24 * 1024 * 1024;

const NONE: readonly QueuedRecord[] = [];

type Limits = Pick<
  ResolvedDeliveryOptions,
  'batchSize' | 'maxPending' | 'maxPendingBytes' | 'overflow'
>;

/** The bounded backlog of a storage: the batch in flight, then the queue. */
export class Backlog {
  private readonly queue = new RecordQueue();
  private inFlight: readonly QueuedRecord[] = [];
  private inFlightBytes = 0;

  constructor(private readonly limits: Limits) {}

  get length(): number {
    return this.inFlight.length + this.queue.length;
  }

  get oldest(): QueuedRecord | undefined {
    return this.inFlight[0] ?? this.queue.peek();
  }

  /** Whether a batch is in flight: taken, and not yet acknowledged. */
  get hasBatchInFlight(): boolean {
    return this.inFlight.length > 0;
  }

  /** Whether the records fill a batch, or half of what may wait. */
  get isBatchReady(): boolean {
    const { batchSize, maxPending, maxPendingBytes } = this.limits;
    return (
      this.length >= Math.min(batchSize, maxPending / 2) ||
      this.bytes >= Math.min(MAX_BATCH_BYTES, maxPendingBytes / 2)
    );
  }

  /** Adds a record. Returns those that were dropped for it; the new one itself may be. */
  add(item: QueuedRecord): readonly QueuedRecord[] {
    const { maxPending, maxPendingBytes, overflow } = this.limits;
    if (item.bytes > maxPendingBytes) return [item];
    if (this.length < maxPending && this.bytes + item.bytes <= maxPendingBytes) {
      this.queue.push(item);
      return NONE;
    }
    const dropped: QueuedRecord[] = [];
    while (this.length >= maxPending || this.bytes + item.bytes > maxPendingBytes) {
      // The batch in flight may be stored already: only queued records can be dropped.
      const oldest = overflow === 'drop-oldest' ? this.queue.shift() : undefined;
      dropped.push(oldest ?? item);
      if (oldest === undefined) return dropped;
    }
    this.queue.push(item);
    return dropped;
  }

  /** Adds records that were read back from the journal. */
  push(items: readonly QueuedRecord[]): void {
    for (const item of items) this.queue.push(item);
  }

  /** Whether memory takes no more of what the journal has on disk. */
  get isFullForJournal(): boolean {
    const { maxPending, maxPendingBytes } = this.limits;
    return (
      this.length >= Math.min(maxPending, MAX_JOURNALED) ||
      this.bytes >= Math.min(maxPendingBytes, MAX_JOURNALED_BYTES)
    );
  }

  /** Whether no record has a sequence number up to `sequence`, in whatever order they are. */
  isAllAfter(sequence: number): boolean {
    return (
      this.inFlight.every((item) => item.sequence > sequence) && this.queue.isAllAfter(sequence)
    );
  }

  /**
   * Takes a batch: the records that are still in flight, then records from the queue.
   *
   * @param extra Records that the batch may have beyond `batchSize`.
   */
  takeBatch(extra = 0): readonly QueuedRecord[] {
    const batch = [...this.inFlight];
    for (let next = this.queue.peek(); next !== undefined; next = this.queue.peek()) {
      if (batch.length >= this.limits.batchSize + extra) break;
      const isHeavy = this.inFlightBytes + next.bytes > MAX_BATCH_BYTES;
      if (isHeavy && batch.length > 0 && extra === 0) break;
      batch.push(next);
      this.inFlightBytes += next.bytes;
      this.queue.shift();
    }
    return (this.inFlight = batch);
  }

  /** Removes records from the batch in flight: they are stored or dropped. */
  acknowledge(part: readonly QueuedRecord[]): void {
    for (const item of part) this.inFlightBytes -= item.bytes;
    const gone = new Set(part);
    this.inFlight =
      part.length === this.inFlight.length ? [] : this.inFlight.filter((item) => !gone.has(item));
  }

  /** Removes and returns all records. */
  clear(): readonly QueuedRecord[] {
    const left = [...this.inFlight, ...this.queue.clear()];
    this.inFlight = [];
    this.inFlightBytes = 0;
    return left;
  }

  private get bytes(): number {
    return this.queue.bytes + this.inFlightBytes;
  }
}
