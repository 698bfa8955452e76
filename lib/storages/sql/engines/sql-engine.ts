import type { SqlRow } from '../layout/column.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/** Runs statements on one database: what differs between drivers and the ways they lock. */
export interface SqlEngine {
  /**
   * Runs a script in a transaction of its own, again if another writer was in its way. `script`
   * makes it anew for each try; what it throws undoes it all.
   */
  transaction<T>(script: () => SqlScript<T>): Promise<T>;
  /** The same, while no other process does. */
  exclusively<T>(script: () => SqlScript<T>): Promise<T>;
  read(statement: SqlStatement): Promise<readonly SqlRow[]>;
  close(): Promise<void>;
}
