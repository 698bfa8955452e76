import type { UsageRecord } from '../record/index.js';
import type { Segment } from './journal/segment.js';

const INITIAL_CAPACITY = 1024;

/**
 * A first-in, first-out queue that knows its size in bytes. It is a ring buffer, so that adding and
 * removing copy nothing.
 *
 * Clears every slot that it frees. An abandoned array in V8's old generation would keep its records
 * alive until a full collection.
 */
export class RecordQueue {
  private slots = new Array<QueuedRecord | undefined>(INITIAL_CAPACITY).fill(undefined);
  private head = 0;
  private count = 0;
  private queuedBytes = 0;

  get length(): number {
    return this.count;
  }

  get bytes(): number {
    return this.queuedBytes;
  }

  peek(): QueuedRecord | undefined {
    return this.slots[this.head];
  }

  push(item: QueuedRecord): void {
    if (this.count === this.slots.length) this.move(this.count * 2);
    this.slots[(this.head + this.count++) & (this.slots.length - 1)] = item;
    this.queuedBytes += item.bytes;
  }

  shift(): QueuedRecord | undefined {
    const item = this.slots[this.head];
    if (item === undefined) return undefined;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.queuedBytes -= item.bytes;
    // Shrinks the ring after an outage has grown it.
    if (--this.count === 0 && this.slots.length > INITIAL_CAPACITY) this.move(INITIAL_CAPACITY);
    return item;
  }

  isAllAfter(sequence: number): boolean {
    for (let at = 0; at < this.count; at++)
      if (this.slots[(this.head + at) & (this.slots.length - 1)]!.sequence <= sequence)
        return false;
    return true;
  }

  /** Empties the queue and returns its records. */
  clear(): QueuedRecord[] {
    const left: QueuedRecord[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) left.push(item);
    return left;
  }

  /** @param capacity A power of two. */
  private move(capacity: number): void {
    const { slots, head, count } = this;
    this.slots = new Array<QueuedRecord | undefined>(capacity).fill(undefined);
    for (let at = 0; at < count; at++) this.slots[at] = slots[(head + at) & (slots.length - 1)];
    this.head = 0;
    slots.fill(undefined);
  }
}

/** Where the journal has a record. */
export interface JournalPlace {
  readonly segment: Segment;
  /** The record's number in the segment. */
  readonly number: number;
  /** Where the write began that it was in, or the file's line of it. */
  readonly offset: number;
}

/**
 * A queued record. The queues of all its storages share one object, but each makes its own of a
 * record that it reads back from the journal.
 */
export class QueuedRecord {
  /** When it was queued, by `performance.now()`, because the system clock may be set back. */
  queuedAt = performance.now();
  /** Where the journal has it; null: nowhere. */
  place: JournalPlace | null = null;
  /** The journal has no place for it, because it is full. */
  isBeyondJournal = false;
  /** Storages that still need a record which the journal does not have. */
  holders = 0;
  private isOwnNotified = false;

  constructor(
    readonly record: UsageRecord,
    /** Sequence number. Rises with each record of the process. */
    readonly sequence: number,
    /** Estimated size in bytes. */
    readonly bytes: number,
  ) {}

  /** Notes that listeners are notified that it is stored. Returns whether they were not yet. */
  notify(): boolean {
    if (this.place !== null) return this.place.segment.notified.add(this.place.number);
    if (this.isOwnNotified) return false;
    return (this.isOwnNotified = true);
  }
}

/** Milliseconds that a record has waited. */
export function waitingTimeMs({ queuedAt }: QueuedRecord): number {
  return performance.now() - queuedAt;
}
