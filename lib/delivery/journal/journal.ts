import { basename } from 'node:path';
import type { QueuedRecord } from '../record-queue.js';
import type { ResolvedDeliveryOptions } from '../../storages/contract/delivery-options.js';
import type { QuietLogger } from '../../support/usage-logger.js';
import { messageOf } from '../../support/thrown-value.js';
import { DiskQueue } from './disk-queue.js';
import { ErasedSubjects } from './erased-subjects.js';
import type { JournalOptions } from './journal-options.js';
import type { JournalStats } from './journal-stats.js';
import { takeLeftSegments } from './left-segments.js';
import { NumberSet } from './number-set.js';
import { jsonOfRecord, JOURNAL_FIELDS } from './record-values.js';
import { scanSegment, type SegmentContents } from './scan-segment.js';
import type { Segment, SegmentEntry } from './segment.js';
import { FORMAT, type StorageIdentity } from './segment-lines.js';
import { SegmentStore } from './segment-store.js';

/** The most characters of one write. */
const MAX_WRITE_LENGTH = 64 * 1024;
/** How often segments are looked at again whose owner may be dead. */
const LOOK_AGAIN_MS = 30_000;

/** A storage as the journal knows it. */
export interface JournalTarget {
  readonly identity: StorageIdentity;
  readonly overflow: ResolvedDeliveryOptions['overflow'];
}

/** What the journal tells a storage's channel. */
export interface JournalListener {
  /** An earlier process has left so many records for the storage. They wait now. */
  found(count: number): void;
  /** So many waiting records are dropped. */
  dropped(count: number, reason: 'overflow' | 'unreadable'): void;
  /** There may be something to read. */
  readable(): void;
}

/** A record, and the indexes of its storages; null: all. */
export interface JournalItem {
  readonly item: QueuedRecord;
  readonly targets: readonly number[] | null;
}

/**
 * Keeps records on disk until every storage has them. A record is written in the turn of the event
 * loop in which it is made, before it is queued, and by a synchronous write: that is a copy into the
 * kernel's memory, which outlives the process, and takes a few microseconds. An asynchronous one
 * takes a thread and several times the CPU, and what it has not begun when the process is killed is
 * lost.
 */
export class Journal {
  readonly subjects: ErasedSubjects;
  private readonly store: SegmentStore;
  private readonly queues: readonly DiskQueue[];
  private readonly listeners: JournalListener[] = [];
  private readonly scans = new WeakMap<Segment, Promise<SegmentContents>>();
  private readonly replayedNumbers = new Map<Segment, NumberSet>();
  private readonly dirty = new Set<Segment>();
  private readonly warned = new Set<string>();
  private replayed = 0;
  private unreadable = 0;
  /** Waiting records that were never written. */
  private unwritten = 0;
  private isAckScheduled = false;
  private taking: Promise<void> = Promise.resolve();
  private again: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    directory: string,
    options: Required<Omit<JournalOptions, 'directory'>>,
    private readonly targets: readonly JournalTarget[],
    private readonly logger: QuietLogger,
  ) {
    const storages = targets.map(({ identity }) => identity);
    this.subjects = new ErasedSubjects(directory, () => this.store.lock);
    this.store = new SegmentStore(
      directory,
      { format: FORMAT, storages, fields: JOURNAL_FIELDS },
      options,
      (question) => this.subjects.answer(question),
      {
        giveUp: (segment) => this.giveUp(segment),
        opened: () => this.takeLeftSoon(),
      },
      logger,
    );
    this.queues = targets.map(
      (_, storage) =>
        new DiskQueue(storage, {
          found: (count) => this.listeners[storage]?.found(count),
          lost: (segment, count) => this.lost(storage, segment, count),
          replayed: (segment, number) => this.countReplayed(segment, number),
        }),
    );
  }

  /** Opens the directory, and takes over what earlier processes have left. Never rejects. */
  async open(): Promise<void> {
    this.store.open();
    await this.taking;
  }

  /** The records of a storage that are on disk and not in memory. */
  queue(storage: number): DiskQueue {
    return this.queues[storage]!;
  }

  listen(storage: number, listener: JournalListener): void {
    this.listeners[storage] = listener;
  }

  stats(): JournalStats {
    const { segments, bytes, directory } = this.store;
    const lost = segments.filter(({ isLost }) => isLost);
    return {
      directory,
      bytes,
      segments: segments.length - lost.length,
      replayed: this.replayed,
      unreadable: this.unreadable,
      memoryOnly: lost.reduce((sum, { needed }) => sum + needed, this.unwritten),
    };
  }

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

  /** A storage needs records no more: it has them, or they are dropped. */
  settle(storage: number, items: readonly QueuedRecord[]): void {
    for (const item of items) {
      const { place } = item;
      if (place === null) {
        if (--item.holders === 0) this.unwritten--;
      } else {
        place.segment.settle(storage, place.number);
        this.dirty.add(place.segment);
      }
    }
    this.tidy();
  }

  /** Closes the journal. What storages still need stays for the next process. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.again);
    const kept = this.store.segments.reduce((sum, { needed }) => sum + needed, 0);
    this.store.close();
    if (kept > 0)
      this.logger.warn(
        `${kept} usage records stay in the journal in ${this.store.directory}, because no storage ` +
          'has them all. The next start sends them.',
      );
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
    for (const [at, { item }] of part.entries())
      item.place = { segment, number: first + at, offset };
  }

  private keepInMemory({ item, targets }: JournalItem): void {
    item.holders = targets?.length ?? this.targets.length;
    this.unwritten++;
  }

  /** Deletes segments that nobody needs, and notes in the others what was settled, once a turn. */
  private tidy(): void {
    for (const segment of this.dirty)
      if (!segment.isNeeded && segment.isScanned) {
        this.dirty.delete(segment);
        this.finish(segment);
      }
    if (this.dirty.size === 0 || this.isAckScheduled) return;
    this.isAckScheduled = true;
    queueMicrotask(() => {
      this.isAckScheduled = false;
      if (!this.isClosed) this.store.acknowledge(this.dirty);
      this.dirty.clear();
    });
  }

  private finish(segment: Segment): void {
    this.replayedNumbers.delete(segment);
    // Acknowledgements at its end may be unread.
    for (const queue of this.queues) queue.forsake(segment);
    this.store.finish(segment);
  }

  private async takeLeft(): Promise<void> {
    const { lock, directory } = this.store;
    if (lock === null || this.isClosed) return;
    try {
      const storages = this.targets.map(({ identity }) => identity);
      const { logger, warned } = this;
      const left = await takeLeftSegments(directory, lock, storages, logger, warned);
      const { taken, isUndecided } = left;
      this.store.addLeft(taken);
      for (const segment of taken)
        for (const [storage, queue] of this.queues.entries())
          if (segment.indexes[storage]! >= 0)
            queue.addLeft(segment, () => this.scan(segment, storage));
      if (taken.length > 0) for (const listener of this.listeners) listener?.readable();
      if (isUndecided) this.lookAgain();
    } catch (error) {
      this.logger.error(`The journal in ${directory} cannot be searched: ${messageOf(error)}`);
      this.lookAgain();
    }
  }

  private lookAgain(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.takeLeftSoon(), LOOK_AGAIN_MS).unref();
  }

  private takeLeftSoon(): void {
    this.taking = this.taking.then(() => this.takeLeft());
  }

  /** The records of a left segment that a storage lacks. Reads it once for all storages. */
  private async scan(segment: Segment, storage: number): Promise<NumberSet> {
    let scan = this.scans.get(segment);
    if (scan === undefined) this.scans.set(segment, (scan = this.scanOnce(segment)));
    const { lacking } = await scan;
    return lacking[segment.indexes[storage]!]!;
  }

  private async scanOnce(segment: Segment): Promise<SegmentContents> {
    const { fd, bytes, header } = segment;
    segment.use();
    const contents = await scanSegment(fd, bytes, header.storages.length).finally(() =>
      segment.unuse(),
    );
    const { counts, stored, end, unreadable, isTorn } = contents;
    segment.count = end;
    segment.notified = stored;
    for (const [storage, index] of segment.indexes.entries())
      segment.open[storage] = index < 0 ? 0 : counts[index]!;
    segment.others = counts.reduce(
      (sum, count, index) => (segment.indexes.includes(index) ? sum : sum + count),
      0,
    );
    segment.isScanned = true;
    if (isTorn) segment.endLine();
    if (unreadable > 0) {
      this.unreadable += unreadable;
      this.logger.error(
        `The journal's segment ${basename(segment.path)} is damaged: ${unreadable} of its usage ` +
          'records cannot be read and are lost; the others are sent.',
      );
    }
    if (!segment.isNeeded) this.finish(segment);
    return contents;
  }

  private countReplayed(segment: Segment, number: number): void {
    let numbers = this.replayedNumbers.get(segment);
    if (!numbers) this.replayedNumbers.set(segment, (numbers = new NumberSet()));
    if (numbers.add(number)) this.replayed++;
  }

  private lost(storage: number, segment: Segment, count: number): void {
    segment.open[storage]! -= count;
    this.unreadable += count;
    this.listeners[storage]?.dropped(count, 'unreadable');
    this.dirty.add(segment);
    this.tidy();
  }

  private giveUp(segment: Segment): boolean {
    const dropsNewest = ({ overflow }: JournalTarget, storage: number) =>
      overflow === 'drop-newest' && segment.open[storage]! > 0;
    if (this.targets.some(dropsNewest)) return false;
    for (const [storage, queue] of this.queues.entries()) {
      const count = queue.forsake(segment);
      if (count === 0) continue;
      segment.open[storage]! -= count;
      this.listeners[storage]?.dropped(count, 'overflow');
    }
    if (segment.isNeeded) this.store.abandon(segment);
    else this.finish(segment);
    return true;
  }
}
