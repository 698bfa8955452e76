import type { SqlScript } from '../sql-statement.js';

const MAX_KNOWN_ROWS = 50_000;

/**
 * A cache of rows that this process knows to be stored. A writer that adds to these rows need not
 * check whether their bucket has room.
 */
export class KnownRows {
  private readonly buckets = new Map<string, Set<string>>();
  private size = 0;

  /** Whether all given keys of a bucket are known. */
  hasAll(bucket: string, keys: readonly { readonly key: string }[]): boolean {
    const known = this.buckets.get(bucket);
    return known !== undefined && keys.every(({ key }) => known.has(key));
  }

  add(bucket: string, keys: readonly { readonly key: string }[]): void {
    if (this.size + keys.length > MAX_KNOWN_ROWS) this.clear();
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

/** Each latency takes about half a kilobyte. */
const MAX_LATENCIES = 8000;

/**
 * A cache of latencies that a connection to SQLite has read or written, so that it need not read
 * them again. The cache is valid until another connection writes, which SQLite reports by
 * `data_version`.
 */
export class WrittenLatencies {
  private readonly buckets = new Map<string, Map<string, string>>();
  private version: unknown;

  /**
   * Clears the cache if another connection has written, or it is full. Call it inside the
   * transaction.
   */
  *check(): SqlScript {
    const { rows } = yield { sql: 'pragma data_version', values: [] };
    const version = rows[0]?.['data_version'];
    if (version !== this.version || this.size > MAX_LATENCIES) this.clear();
    this.version = version;
  }

  /**
   * The known latencies of a bucket, by key. A caller that reads or writes a row updates them. If
   * its transaction fails, it has to clear the cache.
   */
  of(bucket: string): Map<string, string> {
    let latencies = this.buckets.get(bucket);
    if (!latencies) this.buckets.set(bucket, (latencies = new Map<string, string>()));
    return latencies;
  }

  clear(): void {
    this.buckets.clear();
  }

  private get size(): number {
    let size = 0;
    for (const { size: rows } of this.buckets.values()) size += rows;
    return size;
  }
}
