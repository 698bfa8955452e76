import { QueuedRecord } from '../record-queue.js';
import { recordSize } from '../record-size.js';
import { recordOfJson } from './record-values.js';
import type { NumberSet } from './number-set.js';
import type { Segment } from './segment.js';
import { targetsOf } from './segment-lines.js';
import { eachLine, readChunk } from './segment-reader.js';

/** Records of a segment that are to be read, in order. */
interface Extent {
  readonly segment: Segment;
  /** Finds out which records of a left segment to read. Null: done, or not needed. */
  scan: ((segment: Segment) => Promise<NumberSet>) | null;
  /** Only these records; null: all. */
  only: NumberSet | null;
  /** The first record to read. */
  readonly from: number;
  /** Where to go on reading. */
  offset: number;
  /** The number of the next record, or of one before it. */
  next: number;
}

/** Callbacks of a queue on disk. */
export interface DiskQueueEvents {
  /** A segment of an earlier process was looked at: so many records of it are sent. */
  found(count: number): void;
  /** So many records of the segment cannot be read back. */
  lost(segment: Segment, count: number): void;
  /** Records are about to be decoded. */
  reading(): void;
  /** A record of an earlier process was read. */
  replayed(segment: Segment, number: number): void;
}

/**
 * The records of one storage that are in the journal and not in memory, oldest first. While there
 * are any, new records join them, so that they reach the storage in order.
 */
export class DiskQueue {
  private extents: Extent[] = [];

  /** @param storage The storage's index. */
  constructor(
    private readonly storage: number,
    private readonly events: DiskQueueEvents,
  ) {}

  get isEmpty(): boolean {
    return this.extents.length === 0;
  }

  /** Number of records, those of segments that were not looked at yet left out. */
  get length(): number {
    let count = 0;
    for (const { segment } of this.extents) count += segment.unread[this.storage]!;
    return count;
  }

  /** No record has a lower sequence number. */
  get nextSequence(): number {
    const first = this.extents[0];
    return first === undefined ? Infinity : first.segment.sequenceOf(first.next);
  }

  /** Leaves a record on disk that was just written. */
  leave({ place }: QueuedRecord): void {
    const { segment, number, offset } = place!;
    segment.unread[this.storage]!++;
    if (this.extents.at(-1)?.segment === segment) return;
    this.extents.push({ segment, scan: null, only: null, from: number, offset, next: number });
  }

  /** Adds a segment that an earlier process has left. It comes before those of this process. */
  addLeft(segment: Segment, scan: (segment: Segment) => Promise<NumberSet>): void {
    const extent = { segment, scan, only: null, from: 0, offset: 0, next: 0 };
    const at = this.extents.findIndex(({ segment: { firstSequence } }) => firstSequence !== null);
    this.extents.splice(at < 0 ? this.extents.length : at, 0, extent);
  }

  /** Gives up the records of a segment. Returns how many there were. */
  forsake(segment: Segment): number {
    const count = segment.unread[this.storage]!;
    segment.unread[this.storage] = 0;
    this.extents = this.extents.filter((extent) => extent.segment !== segment);
    return count;
  }

  /**
   * Reads some of the oldest records. None may come though there are more.
   *
   * @param take Takes what was read, in order; false: it stays on disk.
   */
  async read(take: (items: readonly QueuedRecord[]) => boolean): Promise<void> {
    const extent = this.extents[0];
    if (extent === undefined) return;
    const { segment } = extent;
    if (extent.scan !== null) {
      const only = await extent.scan(segment);
      extent.scan = null;
      extent.only = only;
      segment.unread[this.storage] = only.size;
      this.events.found(only.size);
      if (only.size === 0) this.forsake(segment);
      return;
    }
    const end = segment.bytes;
    segment.use();
    const { bytes, next } = await readChunk(segment.fd, extent.offset, end).finally(() =>
      segment.unuse(),
    );
    // It may have been given up in the meantime.
    if (this.extents[0] !== extent) return;
    this.events.reading();
    const items = this.recordsIn(bytes, extent);
    if (!take(items)) return;
    segment.unread[this.storage]! -= items.length;
    extent.offset = next;
    const isEnd = next >= segment.bytes || (bytes.length === 0 && end === segment.bytes);
    if (isEnd) this.finish(segment);
  }

  private recordsIn(bytes: Buffer, extent: Extent): QueuedRecord[] {
    const { segment, from, only } = extent;
    const items: QueuedRecord[] = [];
    eachLine(bytes, (line, _start, end) => {
      if (line?.kind !== 'r') return;
      const { number } = line;
      extent.next = Math.max(extent.next, number + 1);
      if (number < from || (only && !only.has(number))) return;
      const { targets, values } = targetsOf(bytes, line);
      if (targets && !targets.includes(segment.indexes[this.storage]!)) return;
      const record = recordOfJson(bytes.toString('utf8', values, end), segment.header.fields);
      const item = new QueuedRecord(record, segment.sequenceOf(number), recordSize(record));
      item.place = { segment, number, offset: extent.offset };
      item.queuedAt -= Math.max(0, Date.now() - record.date.getTime());
      items.push(item);
      if (segment.firstSequence === null) this.events.replayed(segment, number);
    });
    return items;
  }

  private finish(segment: Segment): void {
    const missing = this.forsake(segment);
    if (missing > 0) this.events.lost(segment, missing);
  }
}
