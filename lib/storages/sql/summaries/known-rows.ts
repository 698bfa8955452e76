const MOST = 50_000;

/**
 * Rows that are in the summaries' table for all that this process knows. For these, a writer need
 * not ask whether their bucket has room.
 */
export class KnownRows {
  private readonly ids = new Set<string>();

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    if (this.ids.size >= MOST) this.ids.clear();
    this.ids.add(id);
  }

  clear(): void {
    this.ids.clear();
  }
}
