import type { SqlStatement } from '../sql-statement.js';

/** How a server ends a statement that runs on another connection. */
export interface StatementCancelling {
  /** Reads the number of the connection that it runs on, as `id`. */
  readonly identify: SqlStatement;
  cancel(id: number): SqlStatement;
}

export const postgresCancelling: StatementCancelling = {
  identify: { sql: 'select pg_backend_pid() as id', values: [] },
  cancel: (id) => ({ sql: 'select pg_cancel_backend($1)', values: [id] }),
};

export const mysqlCancelling: StatementCancelling = {
  identify: { sql: 'select connection_id() as id', values: [] },
  cancel: (id) => ({ sql: 'kill query ?', values: [id] }),
};
