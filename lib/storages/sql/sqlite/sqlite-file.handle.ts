import { rmSync } from 'node:fs';
import type { SqlResult, SqlStatement } from '../sql-statement.js';
import type { BetterSqlite3Handle } from './better-sqlite3.handle.js';
import { FILE_IS_GONE, fileIdentity } from './sqlite-files.js';
import type { SqliteHandle } from './sqlite-handle.js';

/**
 * An SQLite file that may be deleted, moved or replaced while it is open, after which writes would
 * go to a file that nobody looks for. Before each transaction it checks that the file is still the
 * open one, and otherwise opens or creates the file at its path.
 */
export class SqliteFileHandle implements SqliteHandle {
  /** How often the file was opened again. */
  generation = 0;
  private identity: string | null = null;
  private log: string | null = null;

  /**
   * @param open Opens the file, and creates it if needed.
   * @param onRenewed Called after another file was opened in place of the last one.
   * @param writes Whether it may create the file. If false, it throws an error with the code
   * `FILE_IS_GONE` instead.
   * @param opened The file, if it is open already.
   */
  constructor(
    private readonly path: string,
    private readonly open: () => BetterSqlite3Handle,
    private readonly onRenewed: () => void,
    private readonly writes = true,
    private opened: BetterSqlite3Handle | null = null,
  ) {
    if (opened) this.note();
  }

  get connection(): object {
    return this;
  }

  /** The open connection. Opens the file if it is not open. */
  get current(): BetterSqlite3Handle {
    return this.opened ?? this.renewed();
  }

  get inTransaction(): boolean {
    return this.opened?.inTransaction ?? false;
  }

  run(statement: SqlStatement): SqlResult {
    return this.current.run(statement);
  }

  busyTimeout(milliseconds: number): number {
    this.renew();
    return this.current.busyTimeout(milliseconds);
  }

  secureDelete(value: number): number {
    return this.current.secureDelete(value);
  }

  async saved(): Promise<void> {}

  /**
   * Opens the file at the path if it is not the open one, unless a transaction is open.
   *
   * @throws {Error} if it may not create the file. Its code is `FILE_IS_GONE`.
   */
  renew(): void {
    if (this.opened?.inTransaction) return;
    if (!this.opened || fileIdentity(this.path) !== this.identity) this.renewed();
  }

  close(): void {
    this.opened?.close();
    this.opened = null;
  }

  private renewed(): BetterSqlite3Handle {
    const old = this.opened;
    this.opened = null;
    if (old) this.leave(old);
    const opened = this.open();
    const isFirst = this.identity === null;
    this.note();
    this.opened = opened;
    this.generation++;
    if (!isFirst) this.onRenewed();
    return opened;
  }

  private leave(old: BetterSqlite3Handle): void {
    if (!this.writes) {
      // The writing thread has to recreate the file and its log before anyone reads it.
      old.close();
      this.identity = null;
      throw Object.assign(new Error(`The file ${this.path} is gone.`), { code: FILE_IS_GONE });
    }
    closeLog(old);
    // The old file's log is empty. SQLite would take it for the log of the new file.
    if (this.log !== null && fileIdentity(`${this.path}-wal`) === this.log)
      for (const suffix of ['-wal', '-shm']) rmSync(this.path + suffix, { force: true });
  }

  private note(): void {
    this.identity = fileIdentity(this.path);
    this.log = fileIdentity(`${this.path}-wal`);
  }
}

// Moves committed data into the old file, wherever that is now, so that it does not get into the
// new one.
function closeLog(old: BetterSqlite3Handle): void {
  try {
    old.run({ sql: 'pragma wal_checkpoint(truncate)', values: [] });
  } catch {
    // The old file may have been deleted.
  }
  old.close();
}
