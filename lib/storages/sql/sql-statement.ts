import type { SqlRow, SqlValue } from './dialects/shapes.js';

/** A statement and what is bound to it; some databases bind lists of rows. */
export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly (SqlValue | readonly SqlValue[] | readonly (readonly SqlValue[])[])[];
  /** Whether it is to be run once for each of its values, which are lists of what is bound. */
  readonly forEach?: boolean;
}

/**
 * A step of a script that has computed for a while: it runs nothing, and lets others have a turn
 * where the transaction allows that.
 */
export const PAUSE: SqlStatement = { sql: '', values: [] };

/** What a statement gave. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** Rows that were written. */
  readonly changes: number;
}

/**
 * The statements of a transaction, one after the other. A generator, so that one text serves
 * drivers that wait and drivers that must not: on a connection that is shared, everything has to
 * happen before anyone else's turn.
 */
export type SqlScript<T = void> = Generator<SqlStatement, T, SqlResult>;

/** Collects what is bound to a statement while its text is put together. */
export class SqlBindings {
  readonly values: SqlValue[] = [];

  constructor(private readonly dialect: { placeholder(position: number): string }) {}

  /** Binds a value and gives the text that stands for it. */
  add(value: SqlValue): string {
    this.values.push(value);
    return this.dialect.placeholder(this.values.length);
  }
}
