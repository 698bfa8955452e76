import type { QueuedRecord } from './queued-record.js';

/** First in, first out, with its weight in bytes. Taking from the front costs no copy. */
export class RecordQueue {
  private items: (QueuedRecord | undefined)[] = [];
  private head = 0;
  private held = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get bytes(): number {
    return this.held;
  }

  peek(): QueuedRecord | undefined {
    return this.items[this.head];
  }

  push(item: QueuedRecord): void {
    this.items.push(item);
    this.held += item.bytes;
  }

  shift(): QueuedRecord | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined;
    this.held -= item.bytes;
    // The dead front is cut off once it is the larger part: constant cost per record.
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Empties the queue, and returns what it held. */
  clear(): QueuedRecord[] {
    const left = this.items.slice(this.head) as QueuedRecord[];
    this.items = [];
    this.head = 0;
    this.held = 0;
    return left;
  }
}
