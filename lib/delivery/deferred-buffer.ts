/** What items must not wait longer for, however long a turn of the event loop takes. */
export interface DeferredBufferLimit {
  /** Milliseconds after which they are processed, and `written` is called. */
  readonly waitMs: number;
  /** Called when items have been processed for that long. Must not throw. */
  written(): void;
}

/**
 * Takes items on the request's path and processes them in the next turn of the event loop, after
 * the responses of this turn are sent.
 */
export class DeferredBuffer<Item> {
  private items: Item[] = [];
  private scheduled = false;
  /** Since when the oldest item waits. Only with a limit. */
  private since = 0;

  /**
   * @param process Must not throw.
   * @param limit Null: a turn may take as long as it wants.
   */
  constructor(
    private readonly process: (item: Item) => void,
    private readonly limit: DeferredBufferLimit | null = null,
  ) {}

  readonly add = (item: Item): void => {
    const { limit } = this;
    if (this.items.push(item) === 1 && limit !== null) this.since = performance.now();
    else if (limit !== null && performance.now() - this.since > limit.waitMs) return this.flush();
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.onImmediate);
  };

  /** Processes all items taken so far. */
  readonly flush = (): void => {
    const { items, limit } = this;
    if (items.length === 0) return;
    this.items = [];
    for (const item of items) {
      this.process(item);
      if (limit !== null && performance.now() - this.since > limit.waitMs) {
        limit.written();
        this.since = performance.now();
      }
    }
  };

  private readonly onImmediate = (): void => {
    this.scheduled = false;
    this.flush();
  };
}
