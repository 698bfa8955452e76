import { setImmediate as turn } from 'node:timers/promises';

/** How long work in this thread may keep the event loop before others get their turn. */
const SLICE_MS = 8;

/** The time between two turns of the event loop. */
export class Slice {
  private began = performance.now();

  /** Whether it is others' turn. */
  get isOver(): boolean {
    return performance.now() - this.began >= SLICE_MS;
  }

  /** Lets others have their turn. */
  async next(): Promise<void> {
    await turn();
    this.began = performance.now();
  }

  /** Lets others have their turn if it is theirs. */
  async step(): Promise<void> {
    if (this.isOver) await this.next();
  }
}
