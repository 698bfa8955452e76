import { mkdirSync, renameSync, statSync } from 'node:fs';
import { DiskSync } from './disk-sync.js';
import type { JournalOptions } from './journal-options.js';
import { OwnerLock, type AskListener } from './owner-lock.js';
import { Segment, type SegmentEntry } from './segment.js';
import { newSegmentPath, NOBODY, segmentId, segmentPath } from './segment-files.js';
import type { SegmentHeader } from './segment-lines.js';
import { WriteLog } from './write-log.js';
import type { QuietLogger } from '../../support/usage-logger.js';

/** A segment has this share of all bytes. */
const SHARE_OF_SEGMENT = 64;
const CHECK_INTERVAL_MS = 1000;
/** What a line has beside the values of its record, and twice the headers of a write. */
const LINE_OVERHEAD_BYTES = 32;
const WRITE_OVERHEAD_BYTES = 6 * 1024;

/** Callbacks of the store. */
export interface SegmentStoreEvents {
  /**
   * The journal is full. Gives up what no storage has read back of the segment, if each storage
   * that needs it drops its oldest records; else returns false.
   */
  giveUp(segment: Segment): boolean;
  /** The directory can be used, for the first time or again. */
  opened(): void;
}

/**
 * The segments of this process in the journal's directory: begins new ones, deletes those that no
 * storage needs, keeps to the limit of bytes, and goes on after a full disk or a lost folder.
 */
export class SegmentStore {
  lock: OwnerLock | null = null;
  /** Oldest first. */
  segments: Segment[] = [];
  private current: Segment | null = null;
  private hasFailed = false;
  private created = 0;
  private readonly log: WriteLog;
  private readonly sync: DiskSync;
  private readonly timer: NodeJS.Timeout;

  constructor(
    readonly directory: string,
    private readonly header: SegmentHeader,
    private readonly options: Required<Omit<JournalOptions, 'directory'>>,
    private readonly answer: AskListener,
    private readonly events: SegmentStoreEvents,
    logger: QuietLogger,
  ) {
    this.log = new WriteLog(directory, logger);
    this.sync = new DiskSync(options.sync, (error) => this.log.notSynchronised(error));
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.segments) if (!segment.isLost) bytes += segment.bytes;
    return bytes;
  }

  /** Makes the directory and the lock. A failure is logged, and tried again. */
  open(): void {
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      this.lock = new OwnerLock(this.directory, this.answer);
      this.events.opened();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * Appends records by one write. Returns the segment that holds them: `'failed'` if it cannot be
   * written, `'full'` if there is no room for them.
   *
   * @param sequence The sequence number of the first. Those of the others follow.
   */
  append(entries: readonly SegmentEntry[], sequence: number): Segment | 'failed' | 'full' {
    if (this.hasFailed || this.lock === null) return 'failed';
    let bytes = WRITE_OVERHEAD_BYTES;
    for (const { json } of entries) bytes += Buffer.byteLength(json) + LINE_OVERHEAD_BYTES;
    if (!this.makeRoom(bytes)) return 'full';
    try {
      const segment = this.segmentFor(this.lock, sequence);
      segment.append(entries);
      this.sync.written(segment);
      return segment;
    } catch (error) {
      this.fail(error);
      return 'failed';
    }
  }

  /** Notes in segments what was settled, as far as there is room. */
  acknowledge(segments: Iterable<Segment>): void {
    for (const segment of segments)
      segment.writeAcknowledgements(this.options.maxBytes - this.bytes);
  }

  /** Adds segments that an earlier process has left: they are older than those of this one. */
  addLeft(left: readonly Segment[]): void {
    this.segments = [...left, ...this.segments];
  }

  /** No storage of this application needs the segment. */
  finish(segment: Segment): void {
    if (segment === this.current) this.current = null;
    this.segments = this.segments.filter((other) => other !== segment);
    this.sync.removed(segment);
    if (segment.others === 0) return segment.remove();
    segment.writeAcknowledgements();
    this.rename(segment, NOBODY);
    segment.close();
  }

  /** Deletes the file of a segment whose records only memory holds from now on. */
  abandon(segment: Segment): void {
    if (segment === this.current) this.current = null;
    segment.remove();
    segment.isLost = true;
  }

  /** Closes all, and leaves what is needed to the next process. */
  close(): void {
    clearInterval(this.timer);
    this.sync.stop();
    for (const segment of [...this.segments])
      if (segment.isNeeded || !segment.isScanned) {
        segment.writeAcknowledgements();
        this.sync.finish(segment);
        segment.close();
      } else this.finish(segment);
    this.lock?.release();
    this.lock = null;
    this.current = null;
  }

  private segmentFor(lock: OwnerLock, sequence: number): Segment {
    const { current } = this;
    if (current !== null) {
      const isNext = current.firstSequence! + current.count === sequence;
      if (isNext && current.bytes < this.options.maxBytes / SHARE_OF_SEGMENT) return current;
      this.seal();
    }
    const path = newSegmentPath(this.directory, lock.owner, this.created++);
    const segment = Segment.create(path, this.header, sequence);
    this.segments.push(segment);
    this.sync.created(this.directory);
    return (this.current = segment);
  }

  private seal(): void {
    if (this.current === null) return;
    this.current.isSealed = true;
    this.current = null;
  }

  private makeRoom(bytes: number): boolean {
    const { maxBytes } = this.options;
    while (this.bytes + bytes > maxBytes) {
      const oldest = this.segments.find((segment) => !segment.isLost && segment.isScanned);
      if (oldest === undefined || !this.events.giveUp(oldest)) return false;
    }
    return true;
  }

  private fail(error: unknown): void {
    this.hasFailed = true;
    // What is written afterwards does not follow on what was written before.
    this.seal();
    this.log.failed(error);
  }

  private check(): void {
    this.log.check();
    this.hasFailed = false;
    if (this.lock === null) this.open();
    else if (!this.lock.isThere()) this.recover(this.lock);
    else if (this.current && !exists(this.current.path)) this.markLost();
  }

  /** The folder is gone, or was cleared. What it held is in memory, or read while it is open. */
  private recover(lost: OwnerLock): void {
    lost.release();
    this.lock = null;
    this.seal();
    this.markLost();
    this.log.failed(new Error('its folder, or its lock in it, is gone'));
    this.open();
    const { lock } = this as SegmentStore;
    if (lock === null) return;
    for (const segment of this.segments) if (!segment.isLost) this.rename(segment, lock.owner);
  }

  private markLost(): void {
    for (const segment of this.segments)
      if (!segment.isLost && !exists(segment.path)) {
        if (segment === this.current) this.seal();
        segment.isLost = true;
      }
  }

  private rename(segment: Segment, owner: string): void {
    const path = segmentPath(this.directory, segmentId(segment.path), owner);
    try {
      renameSync(segment.path, path);
      segment.path = path;
    } catch {
      // It is lost, or stays under its name, and the next process takes it.
    }
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
