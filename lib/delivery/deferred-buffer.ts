/**
 * Takes items on the request's path and processes them in the next turn of the event loop, after
 * the responses of this turn are sent.
 */
export class DeferredBuffer<Item> {
  private items: Item[] = [];
  private scheduled = false;

  /** @param process Must not throw. */
  constructor(private readonly process: (item: Item) => void) {}

  readonly add = (item: Item): void => {
    this.items.push(item);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.flush);
  };

  /** Processes all items taken so far. */
  readonly flush = (): void => {
    this.scheduled = false;
    const { items } = this;
    this.items = [];
    for (const item of items) this.process(item);
  };
}
