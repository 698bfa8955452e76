import type { SqlScript } from '../sql-statement.js';

/** About half a kilobyte each. */
const MOST = 8000;

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
    if (version !== this.version || this.size > MOST) this.clear();
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
