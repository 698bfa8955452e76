import type { SqlDialect } from '../dialects/dialect.js';
import type { SqlValue } from '../layout/column.js';

/**
 * A text that is bound as it is, and of which an application that has TypeORM log its queries reads
 * `[hidden]`: both drivers ask an object for its value, and the log makes JSON of it.
 */
export function unlogged(dialect: SqlDialect, text: string): SqlValue {
  // SQLite is driven without TypeORM's log.
  if (dialect.name === 'sqlite') return text;
  if (!/^[\w-]*$/.test(text)) throw new TypeError('The text has characters that SQL may read.');
  const hidden = {
    toPostgres: () => text,
    toSqlString: () => `'${text}'`,
    toJSON: () => '[hidden]',
  };
  return hidden as unknown as SqlValue;
}
