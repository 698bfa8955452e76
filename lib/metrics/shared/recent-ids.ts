const MIN_REMEMBERED = 5000;

/**
 * Remembers the ids of the latest records, at least 5,000 and those of the largest batch, so that a
 * batch that is sent again is counted once.
 */
export class RecentIds {
  private current = new Set<string>();
  private previous = new Set<string>();
  private size = MIN_REMEMBERED;

  /** Call it with the length of each batch before its ids. */
  startBatch(length: number): void {
    if (length > this.size) this.size = length;
  }

  /** Returns whether the id is new. */
  add(id: string): boolean {
    if (this.current.has(id) || this.previous.has(id)) return false;
    if (this.current.size >= this.size) {
      this.previous = this.current;
      this.current = new Set();
    }
    this.current.add(id);
    return true;
  }
}
