import type { SqlRow, SqlValue } from './dialects/shapes.js';

/** A statement and its bound values. Some databases bind lists of rows. */
export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly (SqlValue | readonly SqlValue[] | readonly (readonly SqlValue[])[])[];
  /** Runs the statement once for each of these bound values, instead of once with `values`. */
  readonly forEach?: Iterable<readonly SqlValue[]>;
}

/**
 * A step that runs nothing. A script yields it after computing for a while, so that the engine can
 * yield to the event loop where the transaction allows it.
 */
export const PAUSE: SqlStatement = { sql: '', values: [] };

/** A statement without bound values. */
export function statementOf(sql: string): SqlStatement {
  return { sql, values: [] };
}

/** The result of a statement. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** How many rows were written. */
  readonly changes: number;
}

/**
 * A script of statements, run one after the other. It is a generator, so that one script serves
 * drivers that wait and drivers that must not: on a shared connection, a transaction has to
 * complete before any other code runs.
 */
export type SqlScript<T = void> = Generator<SqlStatement, T, SqlResult>;

/** Collects the bound values of a statement while its text is built. */
export class SqlBindings {
  readonly values: SqlValue[] = [];

  constructor(private readonly dialect: { placeholder(position: number): string }) {}

  /** Binds a value and returns its placeholder. */
  add(value: SqlValue): string {
    this.values.push(value);
    return this.dialect.placeholder(this.values.length);
  }
}
