import type { SqlScript } from '../sql-statement.js';

const MAX_KNOWN_ROWS = 50_000;

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

/** About half a kilobyte each. */
const MAX_LATENCIES = 8000;

/**
 * The latencies that a connection to SQLite has read or written, so that it need not read them
 * again. They hold as long as no other connection has written anything, which SQLite tells.
 */
export class WrittenLatencies {
  private readonly buckets = new Map<string, Map<string, string>>();
  private version: unknown;

  /** Forgets them if another connection has written. To be asked inside the transaction. */
  *check(): SqlScript {
    const { rows } = yield { sql: 'pragma data_version', values: [] };
    const version = rows[0]?.['data_version'];
    if (version !== this.version || this.size > MAX_LATENCIES) this.clear();
    this.version = version;
  }

  /**
   * What is known of a bucket, by key. Whoever reads or writes a row notes it there; if the
   * transaction fails, all is to be cleared.
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
