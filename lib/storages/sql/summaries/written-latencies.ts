import type { SqlRowValues } from '../dialects/dialect.js';
import { SUMMARY_COLUMNS } from './summary-columns.js';
import type { SqlScript } from '../sql-statement.js';
import { rowId, type SumKey } from './sum-key.js';

/** About a kilobyte each. */
const MOST = 4000;
const LATENCY = SUMMARY_COLUMNS.findIndex(({ name }) => name === 'latency');

/**
 * The latencies that a connection to SQLite has written, so that it need not read them again. They
 * hold as long as no other connection has written anything, which SQLite tells.
 */
export class WrittenLatencies {
  private readonly byId = new Map<string, string>();
  private version: unknown;

  /** Forgets them if another connection has written. To be asked inside the transaction. */
  *check(): SqlScript {
    const { rows } = yield { sql: 'pragma data_version', values: [] };
    const version = rows[0]?.['data_version'];
    if (version !== this.version) this.clear();
    this.version = version;
  }

  /** Fills in what is known of some rows, and returns the others. */
  fill(latencies: Map<string, string>, keys: readonly SumKey[]): readonly SumKey[] {
    if (this.byId.size === 0) return keys;
    return keys.filter((key) => {
      const id = rowId(key);
      const latency = this.byId.get(id);
      if (latency !== undefined) latencies.set(id, latency);
      return latency === undefined;
    });
  }

  /** Takes note of a row that is written. If the transaction fails, all is to be cleared. */
  note(id: string, row: SqlRowValues): void {
    if (this.byId.size >= MOST) this.clear();
    this.byId.set(id, row[LATENCY] as string);
  }

  clear(): void {
    this.byId.clear();
  }
}
