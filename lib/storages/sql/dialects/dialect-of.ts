import type { DataSource } from 'typeorm';
import type { SqlDialect } from './dialect.js';
import { mysqlDialect } from './mysql.dialect.js';
import { postgresDialect } from './postgres.dialect.js';
import { sqliteDialect } from './sqlite.dialect.js';

/**
 * The dialect of a database, by TypeORM's name for its driver. MySQL and MariaDB are asked for
 * their version, which decides the collation.
 *
 * @throws {Error} if the library does not support the database.
 */
export async function dialectOf(
  dataSource: DataSource,
  query: (sql: string) => Promise<unknown> = (sql) => dataSource.query(sql),
): Promise<SqlDialect> {
  switch (dataSource.options.type) {
    case 'better-sqlite3':
    case 'sqljs':
      return sqliteDialect;
    case 'postgres':
      return postgresDialect;
    case 'mysql':
    case 'mariadb': {
      const [row] = (await query('select version() as version')) as { version: string }[];
      return mysqlDialect(exactCollation(row?.version ?? ''));
    }
    default:
      throw new Error(
        `SqlStorage: expected a database of TypeORM's type better-sqlite3, sqljs, postgres, mysql ` +
          `or mariadb, but got ${dataSource.options.type}.`,
      );
  }
}

// A collation that distinguishes "a" from "A" and from "a ", by the name that this server has for
// it.
function exactCollation(version: string): string {
  if (/mariadb/i.test(version)) return 'utf8mb4_nopad_bin';
  return Number.parseInt(version, 10) >= 8 ? 'utf8mb4_0900_bin' : 'utf8mb4_bin';
}
