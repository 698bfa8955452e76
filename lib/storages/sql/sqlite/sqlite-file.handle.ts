import { rmSync } from 'node:fs';
import type { SqlResult, SqlStatement } from '../sql-statement.js';
import type { BetterSqlite3Handle } from './better-sqlite3.handle.js';
import { FILE_IS_GONE, fileIdentity } from './sqlite-files.js';
import type { SqliteHandle } from './sqlite-handle.js';

/**
 * A file of SQLite that may be deleted, moved or replaced while it is open: what is written then
 * would go where nobody looks for it. It is looked for before each transaction, and opened or made
 * anew if it is not the one that is open.
 */
export class SqliteFileHandle implements SqliteHandle {
  /** How often it has been opened anew. */
  generation = 0;
  private identity: string | null = null;
  private log: string | null = null;

  /**
   * @param open Opens the file, and makes it if need be.
   * @param onRenewed Is told when it has been opened anew.
   * @param writes Whether it may make the file; one that only reads asks for that by an error.
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

  /** The connection as it is now. */
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

  /** Opens the file that is there now, if that is another one. */
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
      // What writes has to see to the file and its log before anybody reads it.
      old.close();
      this.identity = null;
      throw Object.assign(new Error(`The file ${this.path} is gone.`), { code: FILE_IS_GONE });
    }
    closeLog(old);
    // The log is empty, and would be taken for that of the file that is there now.
    if (this.log !== null && fileIdentity(`${this.path}-wal`) === this.log)
      for (const suffix of ['-wal', '-shm']) rmSync(this.path + suffix, { force: true });
  }

  private note(): void {
    this.identity = fileIdentity(this.path);
    this.log = fileIdentity(`${this.path}-wal`);
  }
}

// What was committed goes into the file, wherever that is now, and not into the next one there.
function closeLog(old: BetterSqlite3Handle): void {
  try {
    old.run({ sql: 'pragma wal_checkpoint(truncate)', values: [] });
  } catch {
    // It may be gone altogether.
  }
  old.close();
}
