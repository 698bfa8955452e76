import { basename } from 'node:path';
import type { QuietLogger } from '../../support/usage-logger.js';
import { messageOf } from '../../support/thrown-value.js';
import type { DiskQueue } from './disk-queue.js';
import { takeLeftSegments } from './left-segments.js';
import { NumberSet } from './number-set.js';
import { scanSegment, type SegmentContents } from './scan-segment.js';
import type { Segment } from './segment.js';
import type { StorageIdentity } from './segment-lines.js';
import type { SegmentStore } from './segment-store.js';

/** How often segments of other owners are looked at again: they may have died. */
const LOOK_AGAIN_MS = 30_000;

/** Callbacks of a replay. */
export interface ReplayEvents {
  /** Segments were taken over: there may be something to read. */
  taken(): void;
  /** It is known which records of a segment the storages lack. */
  scanned(segment: Segment): void;
}

/**
 * Takes over the segments that dead processes have left, and finds out which of their records each
 * storage lacks. The queues on disk read them.
 */
export class Replay {
  /** Records of earlier processes that were read. */
  replayed = 0;
  /** Records of earlier processes whose lines are damaged. */
  unreadable = 0;
  private readonly scans = new WeakMap<Segment, Promise<SegmentContents>>();
  private readonly numbers = new Map<Segment, NumberSet>();
  private readonly warned = new Set<string>();
  private taking: Promise<void> = Promise.resolve();
  private again: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param queues In the order of the storages. */
  constructor(
    private readonly store: SegmentStore,
    private readonly storages: readonly StorageIdentity[],
    private readonly queues: readonly DiskQueue[],
    private readonly events: ReplayEvents,
    private readonly logger: QuietLogger,
  ) {}

  /** Resolves when what was begun has been taken. Never rejects. */
  get idle(): Promise<void> {
    return this.taking;
  }

  /** Takes what is left, once what goes on already is done. */
  take(): void {
    this.taking = this.taking.then(() => this.takeLeft());
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.again);
  }

  /** Counts a record that was read, once for all storages. */
  count(segment: Segment, number: number): void {
    let numbers = this.numbers.get(segment);
    if (!numbers) this.numbers.set(segment, (numbers = new NumberSet()));
    if (numbers.add(number)) this.replayed++;
  }

  /** A segment is done with. */
  finish(segment: Segment): void {
    this.numbers.delete(segment);
  }

  private async takeLeft(): Promise<void> {
    const { lock, directory } = this.store;
    if (lock === null || this.isStopped) return;
    const { storages, logger, warned } = this;
    try {
      const left = await takeLeftSegments(directory, lock, storages, logger, warned);
      const { taken, hasOtherOwners } = left;
      if (this.isStopped) {
        for (const segment of taken) segment.close();
        return;
      }
      this.store.addLeft(taken);
      for (const segment of taken)
        for (const [storage, queue] of this.queues.entries())
          if (segment.indexes[storage]! >= 0)
            queue.addLeft(segment, () => this.scan(segment, storage));
      if (taken.length > 0) this.events.taken();
      if (hasOtherOwners) this.takeLater();
      await lock.removeDead();
    } catch (error) {
      logger.error(`The journal in ${directory} cannot be searched: ${messageOf(error)}`);
      this.takeLater();
    }
  }

  private takeLater(): void {
    clearTimeout(this.again);
    if (!this.isStopped) this.again = setTimeout(() => this.take(), LOOK_AGAIN_MS).unref();
  }

  /** The records of a left segment that a storage lacks. Reads it once for all storages. */
  private async scan(segment: Segment, storage: number): Promise<NumberSet> {
    let scan = this.scans.get(segment);
    if (scan === undefined) this.scans.set(segment, (scan = this.scanOnce(segment)));
    try {
      const { lacking } = await scan;
      return lacking[segment.indexes[storage]!]!;
    } catch (error) {
      this.scans.delete(segment);
      throw error;
    }
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
    this.events.scanned(segment);
    return contents;
  }
}
