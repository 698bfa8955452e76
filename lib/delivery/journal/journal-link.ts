import type { Backlog } from '../backlog.js';
import type { QueuedRecord } from '../record-queue.js';
import type { Journal } from './journal.js';
import type { JournalListener } from './journal-target.js';
import type { DiskQueue } from './disk-queue.js';

/** How long after a failure the disk is read again. */
const READ_RETRY_MS = 2000;

/** Callbacks of a link. Must not throw. */
export interface JournalLinkEvents extends Omit<JournalListener, 'readable'> {
  /** The disk was read: there may be records in the backlog, or no more on disk. */
  read(): void;
  /** The disk cannot be read, which is tried again. Called once, until it can. */
  failed(error: unknown): void;
}

/**
 * Links a storage's backlog in memory with its records in the journal: what memory has no room for
 * stays on disk, and is read back, oldest first, as room becomes free.
 */
export class JournalLink {
  private readonly disk: DiskQueue;
  private isStarted = false;
  private isReading = false;
  private isClosed = false;
  /** Records that the journal does not have may have overtaken those on disk. */
  private isMixed = false;
  private hasFailed = false;
  private retry: NodeJS.Timeout | undefined;

  /** @param storage The storage's index. */
  constructor(
    private readonly journal: Journal,
    private readonly storage: number,
    private readonly backlog: Backlog,
    private readonly dropsNewest: boolean,
    private readonly events: JournalLinkEvents,
  ) {
    this.disk = journal.queue(storage);
    journal.listen(storage, {
      found: (count) => events.found(count),
      dropped: (count, reason) => events.dropped(count, reason),
      readable: () => this.refill(),
    });
  }

  /** Records on disk alone. */
  get waiting(): number {
    return this.disk.length;
  }

  /** Sends what earlier processes have left from now on. */
  start(): void {
    this.isStarted = true;
    this.refill();
  }

  /**
   * Takes a record that memory must not take: `'disk'` if it is left on disk, `'dropped'` if there
   * is no room for it anywhere. `null`: it belongs into memory.
   */
  take(item: QueuedRecord): 'disk' | 'dropped' | null {
    const isBehind = !this.disk.isEmpty;
    if (item.place === null) {
      if (!isBehind) return null;
      if (item.isBeyondJournal && this.dropsNewest) return 'dropped';
      this.isMixed = true;
      return null;
    }
    if (!isBehind && !this.backlog.isFullForJournal) return null;
    this.disk.leave(item);
    this.refill();
    return 'disk';
  }

  /** Whether no record up to `sequence` is on disk, nor overtaken in memory. */
  isSettled(sequence: number): boolean {
    if (this.isStarted && !this.disk.isEmpty && this.disk.nextSequence <= sequence) return false;
    if (!this.isMixed) return true;
    if (this.backlog.length === 0) this.isMixed = false;
    return this.backlog.isAllAfter(sequence);
  }

  /** Writes requests that were answered and are not written yet: longer work begins. */
  writeWaiting(): void {
    this.journal.writeWaiting();
  }

  /** The storage needs these records no more. */
  settle(items: readonly QueuedRecord[]): void {
    if (items.length === 0) return;
    this.journal.settle(this.storage, items);
    this.refill();
  }

  /** Reads from the disk no more. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
  }

  private refill(): void {
    if (this.isReading || !this.canRead) return;
    this.isReading = true;
    void this.readAll().finally(() => (this.isReading = false));
  }

  private get canRead(): boolean {
    const { isStarted, isClosed, disk, backlog } = this;
    return isStarted && !isClosed && !disk.isEmpty && !backlog.isFullForJournal;
  }

  private async readAll(): Promise<void> {
    try {
      while (this.canRead)
        await this.disk.read((items) => {
          if (this.isClosed) return false;
          this.backlog.push(items);
          this.events.read();
          return true;
        });
      this.hasFailed = false;
      this.events.read();
    } catch (error) {
      if (!this.hasFailed) this.events.failed(error);
      this.hasFailed = true;
      this.retry = setTimeout(() => this.refill(), READ_RETRY_MS).unref();
    }
  }
}
