import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { LineBuffer } from './line-buffer.js';
import { NumberSet } from './number-set.js';
import {
  acknowledgementLine,
  firstLine,
  headerBody,
  headerLine,
  recordBody,
  type SegmentHeader,
} from './segment-lines.js';

/** The header is repeated after so many bytes. */
const HEADER_DISTANCE = 64 * 1024;

/** For all segments: each write is over before the next begins. */
const LINES = new LineBuffer();

/** One of the records to write: its targets by index (null: all), and its values as JSON. */
export interface SegmentEntry {
  readonly targets: readonly number[] | null;
  readonly json: string;
}

/**
 * A file of the journal, and what the storages of this application still need of it. Storages are
 * named by their index in the application.
 */
export class Segment {
  /** Bytes of whole lines. */
  bytes = 0;
  /** The number of the next record. */
  count = 0;
  /** Where the last write of records began. */
  lastWrite = 0;
  /** No record is added any more. */
  isSealed = false;
  /** The file has lost its name: what it holds does not survive this process. */
  isLost = false;
  /** Records that a storage lacks, and those of them that are not in memory. */
  readonly open: number[];
  readonly unread: number[];
  /** Records whose storing listeners were told of. */
  notified = new NumberSet();
  private readonly pendingAcks: number[][];
  /** Whether it is known which storage lacks which records: at once, unless it was left. */
  isScanned = true;
  /** Records that storages lack which this application does not have. */
  others = 0;
  private lastHeader = 0;
  private isBroken = false;
  private isClosed = false;
  private isFdClosed = false;
  private users = 0;

  /**
   * @param firstSequence The sequence number of its first record; those of the others follow. Null
   * for a segment that an earlier process has left: its records are older than all others.
   * @param indexes For each storage of this application, its index in the header; -1: it has none.
   */
  private constructor(
    public path: string,
    readonly fd: number,
    readonly header: SegmentHeader,
    readonly firstSequence: number | null,
    readonly indexes: readonly number[],
  ) {
    this.open = indexes.map(() => 0);
    this.unread = indexes.map(() => 0);
    this.pendingAcks = indexes.map(() => []);
  }

  /** @throws {Error} of the file system. */
  static create(path: string, header: SegmentHeader, firstSequence: number): Segment {
    const fd = openSync(path, 'ax+', 0o600);
    const segment = new Segment(
      path,
      fd,
      header,
      firstSequence,
      header.storages.map((_, index) => index),
    );
    try {
      const line = headerLine(header);
      segment.write(Buffer.from(firstLine() + line + line));
      return segment;
    } catch (error) {
      segment.remove();
      throw error;
    }
  }

  /** A segment that an earlier process has left, opened for reading and appending. */
  static ofLeft(
    path: string,
    fd: number,
    header: SegmentHeader,
    indexes: readonly number[],
    bytes: number,
  ): Segment {
    const segment = new Segment(path, fd, header, null, indexes);
    segment.bytes = bytes;
    segment.isSealed = true;
    segment.isScanned = false;
    return segment;
  }

  /** Whether a storage of this application lacks a record of it. */
  get isNeeded(): boolean {
    return this.open.some((count) => count > 0);
  }

  /** Records that some storage lacks. A lower bound, if storages get different records. */
  get needed(): number {
    return Math.max(0, ...this.open);
  }

  /** The sequence number of a record. */
  sequenceOf(number: number): number {
    return this.firstSequence === null ? -1 : this.firstSequence + number;
  }

  /**
   * Appends records, by one write.
   *
   * @throws {Error} of the file system. Then none of them is in the segment.
   */
  append(entries: readonly SegmentEntry[]): void {
    const number = this.count;
    const offset = this.bytes;
    const isHeaderDue = offset - this.lastHeader > HEADER_DISTANCE;
    LINES.clear();
    if (isHeaderDue) LINES.add(headerBody(this.header));
    for (let at = 0; at < entries.length; at++) {
      const { targets, json } = entries[at]!;
      LINES.add(recordBody(number + at, targets, json));
    }
    this.write(LINES.bytes);
    if (isHeaderDue) this.lastHeader = offset;
    this.lastWrite = offset;
    this.count += entries.length;
    for (const { targets } of entries)
      if (targets === null) for (let at = 0; at < this.open.length; at++) this.open[at]!++;
      else for (const at of targets) this.open[at]!++;
  }

  /** A storage needs a record no more. */
  settle(storage: number, number: number): void {
    this.open[storage]!--;
    this.pendingAcks[storage]!.push(number);
  }

  /**
   * Notes in the file what was settled. If it cannot, that only costs that it may be sent again.
   *
   * @param room The most bytes.
   */
  writeAcknowledgements(room = Infinity): void {
    if (this.isBroken || this.isLost) return;
    let text = '';
    for (const [storage, numbers] of this.pendingAcks.entries())
      if (numbers.length > 0) text += acknowledgementLine(this.indexes[storage]!, numbers);
    // Without room they are noted with the next ones.
    if (text === '' || text.length > room) return;
    for (const numbers of this.pendingAcks) numbers.length = 0;
    try {
      this.write(Buffer.from(text));
    } catch {
      // The disk is full or gone, which the next record shows.
    }
  }

  /** Ends a line that a process died over, before others are added. If it cannot, none are. */
  endLine(): void {
    try {
      this.write(Buffer.from('\n'));
    } catch {
      this.isBroken = true;
    }
  }

  /** Keeps the file open, while a thread reads or synchronises it, until `unuse`. */
  use(): void {
    this.users++;
  }

  unuse(): void {
    this.users--;
    if (this.isClosed) this.close();
  }

  close(): void {
    this.isClosed = true;
    if (this.users > 0 || this.isFdClosed) return;
    this.isFdClosed = true;
    closeSync(this.fd);
  }

  /** Deletes the file. */
  remove(): void {
    this.close();
    if (this.isLost) return;
    try {
      unlinkSync(this.path);
    } catch {
      // It is gone.
    }
  }

  private write(bytes: Buffer): void {
    let done = 0;
    try {
      if (this.isBroken) throw new Error(`${this.path} ends within a line`);
      while (done < bytes.length) done += writeSync(this.fd, bytes, done);
    } catch (error) {
      if (done > 0) this.cut();
      throw error;
    }
    this.bytes += bytes.length;
  }

  /** Takes back a part of a line, after which others could not be read. */
  private cut(): void {
    try {
      ftruncateSync(this.fd, this.bytes);
    } catch {
      this.isBroken = true;
    }
  }
}
