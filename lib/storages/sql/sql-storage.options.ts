import type { DataSource, DataSourceOptions } from 'typeorm';
import type { StorageOptions } from '../contract/storage-options.js';

/**
 * Which database, and how its tables are called. At most one of `database`, `url`, `connection`
 * and `dataSource`; none of them means the SQLite file `track-usage.sqlite`.
 *
 * @publicApi
 */
export interface SqlStorageOptions extends StorageOptions {
  /**
   * An SQLite file, or `:memory:`. Needs `better-sqlite3`.
   * @default 'track-usage.sqlite'
   */
  database?: string;
  /**
   * `postgres://…` (needs `pg`), `mysql://…` or `mariadb://…` (need `mysql2`).
   * @default none
   */
  url?: string;
  /**
   * A connection of the storage's own, as TypeORM describes it.
   * @default none
   */
  connection?: DataSourceOptions;
  /**
   * A data source of the application. The storage uses it and never closes it.
   * @default none
   */
  dataSource?: DataSource;
  /** @default 'usage_records', or as `UsageRecordEntity` is mapped in `dataSource` */
  recordTable?: string;
  /** @default 'usage_summaries', or as `UsageSummaryEntity` is mapped in `dataSource` */
  summaryTable?: string;
  /**
   * Schema of the tables (PostgreSQL), or database (MySQL, MariaDB); made if it is not there.
   * @default that of the connection
   */
  schema?: string;
  /**
   * On PostgreSQL, a partition of the records' table for each month or day (in UTC), made ahead:
   * `retention` and `prune` then drop what is old as whole partitions. To be chosen before the
   * table is made.
   * @default none
   */
  partitions?: 'month' | 'day';
  /**
   * Whether to bring the tables up to date at start. If false, run the exported
   * `usageMigrations` with the application's own.
   * @default true
   */
  runMigrations?: boolean;
}
