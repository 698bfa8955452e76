import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialects/dialect-of.js';
import { drive } from '../engines/pooled-connection.js';
import { layoutOf, type SqlLayout, type UsageTableNames } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { USAGE_MIGRATIONS } from './migrate.js';

/**
 * The library's migrations for tables with other names. Run them with the application's own
 * migrations, and set `runMigrations: false` on the storage.
 *
 * @publicApi
 */
export function usageMigrationsFor(names: UsageTableNames): (new () => MigrationInterface)[] {
  return USAGE_MIGRATIONS.map(
    (migration) =>
      class implements MigrationInterface {
        readonly name = migration.name;

        up(runner: QueryRunner): Promise<void> {
          return runOn(runner, names, (layout) => migration.up(layout));
        }

        down(runner: QueryRunner): Promise<void> {
          return runOn(runner, names, (layout) => migration.down(layout));
        }
      },
  );
}

/**
 * The library's migrations for tables with the default names, for the `migrations` of the
 * application's data source.
 *
 * @publicApi
 */
export const usageMigrations = usageMigrationsFor({});

async function runOn(
  runner: QueryRunner,
  names: UsageTableNames,
  script: (layout: SqlLayout) => SqlScript<unknown>,
): Promise<void> {
  // `dataSource` is called `connection` before TypeORM 1.
  const dataSource =
    (runner as { dataSource?: DataSource }).dataSource ??
    (runner as unknown as { connection: DataSource }).connection;
  const dialect = await dialectOf(dataSource, (sql) => runner.query(sql));
  const layout = layoutOf(dataSource, dialect, names);
  await drive(runner, dialect.prepareSchema(layout.records));
  await drive(runner, script(layout));
}
