/**
 * Takes items on the request's path and hands them on in the next turn of the event loop, when
 * the responses of this one are out.
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

  /** Hands on what has been taken so far. */
  readonly flush = (): void => {
    this.scheduled = false;
    const { items } = this;
    this.items = [];
    for (const item of items) this.process(item);
  };
}
