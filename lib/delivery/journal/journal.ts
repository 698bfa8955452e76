import type { QueuedRecord } from '../record-queue.js';
import type { QuietLogger } from '../../support/usage-logger.js';
import { DiskQueue } from './disk-queue.js';
import { ErasedSubjects } from './erased-subjects.js';
import type { JournalOptions } from './journal-options.js';
import type { JournalStats } from './journal-stats.js';
import type { JournalItem, JournalListener, JournalTarget } from './journal-target.js';
import { RecordAppender } from './record-appender.js';
import { JOURNAL_FIELDS } from './record-values.js';
import { Replay } from './replay.js';
import type { Segment } from './segment.js';
import { FORMAT } from './segment-lines.js';
import { SegmentStore } from './segment-store.js';

/**
 * Keeps records on disk until every storage has them. A record is written in the turn of the event
 * loop in which it is made, before it is queued; a segment is deleted once no storage needs it.
 */
export class Journal {
  readonly subjects: ErasedSubjects;
  /**
   * Has what was answered and is not recorded yet recorded and written, before work that may hold
   * the event loop. Set by the pipeline.
   */
  writeWaiting: () => void = () => undefined;
  private readonly store: SegmentStore;
  private readonly queues: readonly DiskQueue[];
  private readonly appender: RecordAppender;
  private readonly replay: Replay;
  private readonly listeners: JournalListener[] = [];
  private readonly dirty = new Set<Segment>();
  private isAckScheduled = false;
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
        opened: () => this.replay.take(),
      },
      logger,
    );
    this.queues = targets.map(
      (_, storage) =>
        new DiskQueue(storage, {
          found: (count) => this.listeners[storage]?.found(count),
          lost: (segment, count) => this.lost(storage, segment, count),
          reading: () => this.writeWaiting(),
          replayed: (segment, number) => this.replay.count(segment, number),
        }),
    );
    this.appender = new RecordAppender(this.store, this.subjects, targets.length);
    this.replay = new Replay(
      this.store,
      storages,
      this.queues,
      {
        taken: () => {
          for (const listener of this.listeners) listener?.readable();
        },
        scanned: (segment) => {
          if (!segment.isNeeded) this.finish(segment);
        },
      },
      logger,
    );
  }

  /** Opens the directory, and takes over what earlier processes have left. Never rejects. */
  async open(): Promise<void> {
    this.store.open();
    await this.replay.idle;
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
      replayed: this.replay.replayed,
      unreadable: this.replay.unreadable,
      memoryOnly: lost.reduce((sum, { needed }) => sum + needed, this.appender.unwritten),
    };
  }

  /** Writes records that are about to be queued. Never throws. */
  append(items: readonly JournalItem[]): void {
    this.appender.append(items);
  }

  /** A storage needs records no more: it has them, or they are dropped. */
  settle(storage: number, items: readonly QueuedRecord[]): void {
    let last: Segment | null = null;
    for (const item of items) {
      const { place } = item;
      if (place === null) {
        this.appender.settleUnwritten(item);
        continue;
      }
      const { segment, number } = place;
      segment.settle(storage, number);
      if (segment !== last) this.dirty.add((last = segment));
    }
    this.tidy();
  }

  /** Closes the journal. What storages still need stays for the next process. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.appender.close();
    this.replay.stop();
    const kept = this.store.segments.reduce((sum, { needed }) => sum + needed, 0);
    this.store.close();
    if (kept > 0)
      this.logger.warn(
        `${kept} usage records stay in the journal in ${this.store.directory}, because no storage ` +
          'has them all. The next start sends them.',
      );
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
    this.replay.finish(segment);
    // Acknowledgements at its end may be unread.
    for (const queue of this.queues) queue.forsake(segment);
    this.store.finish(segment);
  }

  private lost(storage: number, segment: Segment, count: number): void {
    segment.open[storage]! -= count;
    this.replay.unreadable += count;
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
