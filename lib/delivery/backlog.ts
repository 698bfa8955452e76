import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import { type QueuedRecord, RecordQueue } from './record-queue.js';

/** Estimated bytes of a batch: stores limit the size of what they take at once. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

type Limits = Pick<
  ResolvedDeliveryOptions,
  'batchSize' | 'maxPending' | 'maxPendingBytes' | 'overflow'
>;

/**
 * The records that wait for a storage, within their bounds: those of the batch that is held, which
 * may be under way, and behind them the queue.
 */
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

  /** Whether a batch is held that is not stored yet. */
  get hasBatchInFlight(): boolean {
    return this.inFlight.length > 0;
  }

  /** Whether there is enough for a batch, or so much that the bounds are near. */
  get isBatchReady(): boolean {
    const { batchSize, maxPending, maxPendingBytes } = this.limits;
    return (
      this.length >= Math.min(batchSize, maxPending / 2) ||
      this.bytes >= Math.min(MAX_BATCH_BYTES, maxPendingBytes / 2)
    );
  }

  /** Takes a record, and returns how many had to be given up for that, itself included. */
  add(item: QueuedRecord): number {
    const { maxPending, maxPendingBytes, overflow } = this.limits;
    if (item.bytes > maxPendingBytes) return 1;
    let dropped = 0;
    while (this.length >= maxPending || this.bytes + item.bytes > maxPendingBytes) {
      // What is held may be stored already: only what waits in the queue can be given up.
      const canDrop = overflow === 'drop-oldest' && this.queue.shift() !== undefined;
      dropped++;
      if (!canDrop) return dropped;
    }
    this.queue.push(item);
    return dropped;
  }

  /**
   * Fills the batch from the queue. What is held already goes first.
   *
   * @param extra Records that it may hold beyond its size.
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

  /** Lets go of records that are held. */
  acknowledge(part: readonly QueuedRecord[]): void {
    for (const item of part) this.inFlightBytes -= item.bytes;
    const gone = new Set(part);
    this.inFlight =
      part.length === this.inFlight.length ? [] : this.inFlight.filter((item) => !gone.has(item));
  }

  /** Lets go of everything. */
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
