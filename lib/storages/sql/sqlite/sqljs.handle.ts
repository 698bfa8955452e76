import type { SqlRow } from '../dialects/shapes.js';
import type { SqlResult, SqlStatement } from '../sql-statement.js';
import type { SqliteHandle } from './sqlite-handle.js';

/** The used part of a database of sql.js. */
export interface SqljsDatabase {
  prepare(sql: string): SqljsStatement;
  getRowsModified(): number;
}

interface SqljsStatement {
  bind(values: readonly unknown[]): boolean;
  step(): boolean;
  getAsObject(): SqlRow;
  reset(): void;
  free(): boolean;
}

/** The used part of TypeORM's driver for sql.js. */
export interface SqljsDriver {
  readonly databaseConnection: SqljsDatabase;
  readonly queryRunner?: { readonly isTransactionActive: boolean };
  autoSave(): Promise<void>;
}

/** SQLite through sql.js, in memory. TypeORM saves the database where the data source says so. */
export class SqljsHandle implements SqliteHandle {
  private own = false;

  constructor(private readonly driver: SqljsDriver) {}

  get connection(): object {
    return this.driver;
  }

  get inTransaction(): boolean {
    return this.own || (this.driver.queryRunner?.isTransactionActive ?? false);
  }

  run({ sql, values, forEach }: SqlStatement): SqlResult {
    // Statements are not cached: saving the database finalizes all of them.
    const database = this.driver.databaseConnection;
    const statement = database.prepare(sql);
    try {
      const rows: SqlRow[] = [];
      let changes = 0;
      for (const bound of forEach ?? [values]) {
        statement.bind(bound);
        while (statement.step()) rows.push(statement.getAsObject());
        changes += database.getRowsModified();
      }
      if (sql.startsWith('begin')) this.own = true;
      if (sql === 'commit' || sql === 'rollback') this.own = false;
      return { rows, changes };
    } finally {
      statement.free();
    }
  }

  busyTimeout(): number {
    return 0;
  }

  secureDelete(value: number): number {
    const { rows } = this.run({ sql: 'pragma secure_delete', values: [] });
    const before = Number(rows[0]?.['secure_delete']);
    if (before !== value) this.run({ sql: `pragma secure_delete = ${value}`, values: [] });
    return before;
  }

  saved(): Promise<void> {
    return this.driver.autoSave();
  }
}
