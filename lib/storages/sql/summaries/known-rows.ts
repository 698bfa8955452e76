const MOST = 50_000;

/**
 * Rows that are in the summaries' table for all that this process knows. For these, a writer need
 * not ask whether their bucket has room.
 */
export class KnownRows {
  private readonly buckets = new Map<string, Set<string>>();
  private size = 0;

  /** Whether all keys of a bucket are known. */
  hasAll(bucket: string, keys: readonly { readonly key: string }[]): boolean {
    const known = this.buckets.get(bucket);
    return known !== undefined && keys.every(({ key }) => known.has(key));
  }

  add(bucket: string, keys: readonly { readonly key: string }[]): void {
    if (this.size + keys.length > MOST) this.clear();
    let known = this.buckets.get(bucket);
    if (!known) this.buckets.set(bucket, (known = new Set()));
    this.size -= known.size;
    for (const { key } of keys) known.add(key);
    this.size += known.size;
  }

  clear(): void {
    this.buckets.clear();
    this.size = 0;
  }
}
