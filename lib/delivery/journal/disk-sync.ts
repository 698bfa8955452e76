import { fdatasync, fdatasyncSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { JournalOptions } from './journal-options.js';
import type { Segment } from './segment.js';

const INTERVAL_MS = 1000;

/**
 * Synchronises segments with the disk, in a thread. With `'always'` a write begins one at once, or
 * when the one before it is done: writes meanwhile share the next.
 */
export class DiskSync {
  private readonly dirty = new Set<Segment>();
  private isRunning = false;
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param failed Called with the error if a segment could not be synchronised. */
  constructor(
    private readonly mode: NonNullable<JournalOptions['sync']>,
    private readonly failed: (error: Error) => void,
  ) {
    if (mode === 'interval') this.timer = setInterval(() => this.run(), INTERVAL_MS).unref();
  }

  written(segment: Segment): void {
    if (this.mode === 'never') return;
    this.dirty.add(segment);
    if (this.mode === 'always') this.run();
  }

  /** A file was created: its name is in the directory. */
  created(directory: string): void {
    if (this.mode === 'never') return;
    void syncDirectory(directory);
  }

  removed(segment: Segment): void {
    this.dirty.delete(segment);
  }

  stop(): void {
    clearInterval(this.timer);
    this.dirty.clear();
  }

  /** Synchronises a segment that stays, before its process ends. */
  finish(segment: Segment): void {
    if (this.mode === 'never' || segment.isLost) return;
    try {
      fdatasyncSync(segment.fd);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  private run(): void {
    if (this.isRunning) return;
    const [segment] = this.dirty;
    if (segment === undefined) return;
    this.dirty.delete(segment);
    this.isRunning = true;
    segment.use();
    fdatasync(segment.fd, (error) => {
      segment.unuse();
      if (error) this.failed(error);
      this.isRunning = false;
      this.run();
    });
  }
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Not every system can open a directory.
  }
}
