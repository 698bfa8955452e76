import type { QueuedRecord } from '../record-queue.js';
import type { ErasedSubjects } from './erased-subjects.js';
import type { JournalItem } from './journal-target.js';
import { jsonOfRecord } from './record-values.js';
import type { SegmentEntry } from './segment.js';
import type { SegmentStore } from './segment-store.js';

/** The most characters of one write. */
const MAX_WRITE_LENGTH = 64 * 1024;

/**
 * Writes the records of a turn of the event loop, before they are queued, and by one synchronous
 * write: that is a copy into the kernel's memory, which outlives the process, and takes a few
 * microseconds. An asynchronous one takes a thread and several times the CPU, and what it has not
 * begun when the process is killed is lost.
 */
export class RecordAppender {
  /** Waiting records that were never written. */
  unwritten = 0;
  private isClosed = false;

  /** @param storages How many storages get a record that names none. */
  constructor(
    private readonly store: SegmentStore,
    private readonly subjects: ErasedSubjects,
    private readonly storages: number,
  ) {}

  /** Writes records that are about to be queued. Never throws. */
  append(items: readonly JournalItem[]): void {
    let part: JournalItem[] = [];
    let entries: SegmentEntry[] = [];
    let length = 0;
    const write = () => {
      if (part.length > 0) this.write(part, entries);
      part = [];
      entries = [];
      length = 0;
    };
    for (const one of items) {
      const { item, targets } = one;
      if (targets?.length === 0) continue;
      if (this.isClosed || this.subjects.includes(item.record)) {
        write();
        this.keepInMemory(one);
        continue;
      }
      const json = jsonOfRecord(item.record);
      part.push(one);
      entries.push({ targets, json });
      length += json.length;
      if (length >= MAX_WRITE_LENGTH) write();
    }
    write();
  }

  /** A storage needs a record no more that was never written. */
  settleUnwritten(item: QueuedRecord): void {
    if (--item.holders === 0) this.unwritten--;
  }

  /** Writes no more: records go on in memory alone. */
  close(): void {
    this.isClosed = true;
  }

  private write(part: readonly JournalItem[], entries: readonly SegmentEntry[]): void {
    const segment = this.store.append(entries, part[0]!.item.sequence);
    if (typeof segment === 'string') {
      for (const one of part) {
        one.item.isBeyondJournal = segment === 'full';
        this.keepInMemory(one);
      }
      return;
    }
    const first = segment.count - part.length;
    const offset = segment.lastWrite;
    for (let at = 0; at < part.length; at++)
      part[at]!.item.place = { segment, number: first + at, offset };
  }

  private keepInMemory({ item, targets }: JournalItem): void {
    item.holders = targets?.length ?? this.storages;
    this.unwritten++;
  }
}
