import type { SqlResult, SqlStatement } from '../sql-statement.js';
import { BetterSqlite3Handle, type BetterSqlite3Database } from './better-sqlite3.handle.js';
import { fileIdentity } from './sqlite-files.js';
import type { SqliteHandle } from './sqlite-handle.js';

/**
 * The used part of TypeORM's driver for better-sqlite3. It has a new connection each time the data
 * source is initialized.
 */
export interface BetterSqlite3Driver {
  readonly databaseConnection: BetterSqlite3Database;
}

/**
 * TypeORM's connection to an SQLite file. If the file was deleted, moved or replaced, transactions
 * fail, because SQLite itself would go on writing to a file that nobody can open any more.
 */
export class ApplicationSqliteHandle implements SqliteHandle {
  /** How often the connection was replaced by a new one. */
  generation = 0;
  private database: BetterSqlite3Database | null = null;
  private handle!: BetterSqlite3Handle;
  private identity: string | null = null;
  private path = '';

  /**
   * @param isShared Whether the connection is the application's, which can connect again.
   * @param prepare Migrates the tables of a new connection.
   */
  constructor(
    private readonly driver: BetterSqlite3Driver,
    private readonly isShared: boolean,
    private readonly prepare: (handle: BetterSqlite3Handle) => void,
  ) {
    this.current();
  }

  get connection(): object {
    return this.driver.databaseConnection;
  }

  get inTransaction(): boolean {
    return this.current().inTransaction;
  }

  /** The file's path; empty for a database without a file. */
  get file(): string {
    return this.path;
  }

  run(statement: SqlStatement): SqlResult {
    return this.current().run(statement);
  }

  busyTimeout(milliseconds: number): number {
    this.check();
    return this.current().busyTimeout(milliseconds);
  }

  secureDelete(value: number): number {
    return this.current().secureDelete(value);
  }

  async saved(): Promise<void> {}

  /** @throws {Error} if the file was deleted, moved or replaced since it was opened. */
  check(): void {
    this.current();
    if (this.path === '' || fileIdentity(this.path) === this.identity) return;
    const [whose, remedy] = this.isShared
      ? ["the application's connection", 'the DataSource has been destroyed and initialized again']
      : ["the storage's connection", 'the application is started again'];
    throw Object.assign(
      new Error(
        `SqlStorage: the SQLite file ${this.path}, which ${whose} has open, was deleted, moved or ` +
          `replaced. What is written to it is lost. Records wait until the file is back, or ${remedy}.`,
      ),
      { code: 'SQLITE_READONLY_DBMOVED' },
    );
  }

  private current(): BetterSqlite3Handle {
    const database = this.driver.databaseConnection;
    if (database === this.database) return this.handle;
    const handle = new BetterSqlite3Handle(database);
    if (this.database !== null) {
      this.prepare(handle);
      this.generation++;
    }
    this.database = database;
    this.handle = handle;
    const { rows } = handle.run({ sql: 'pragma database_list', values: [] });
    this.path = (rows.find((row) => row['name'] === 'main')?.['file'] as string | undefined) ?? '';
    this.identity = this.path === '' ? null : fileIdentity(this.path);
    return handle;
  }
}
