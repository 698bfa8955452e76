import { setImmediate as turn } from 'node:timers/promises';

/** How long work in this thread may occupy the event loop before it yields. */
const SLICE_MS = 8;

/** A slice of time in one turn of the event loop. */
export class Slice {
  private began = performance.now();

  /** Whether the slice has used up its time. */
  get isOver(): boolean {
    return performance.now() - this.began >= SLICE_MS;
  }

  /** Yields to the event loop and starts a new slice. */
  async next(): Promise<void> {
    await turn();
    this.began = performance.now();
  }

  /** Yields to the event loop if the slice is over. */
  async step(): Promise<void> {
    if (this.isOver) await this.next();
  }
}
