import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { usageLogger } from '../../../support/usage-logger.js';
import { dialectOf } from '../dialects/dialect-of.js';
import { drive } from '../engines/pooled-connection.js';
import { layoutOf, type SqlLayout, type UsageTableNames } from '../layout/sql-layout.js';
import { leftOut } from './left-out.js';
import { USAGE_MIGRATIONS } from './migrate.js';
import type { UsageMigration } from './usage-migration.js';

/**
 * The library's migrations for tables with other names. Run them with the application's own
 * migrations, and set `runMigrations: false` on the storage.
 *
 * @example
 * new DataSource({
 *   type: 'postgres',
 *   url: process.env.DATABASE_URL,
 *   migrations: [...ownMigrations, ...usageMigrationsFor({ recordTable: 'shop_usage' })],
 * });
 *
 * @publicApi
 */
export function usageMigrationsFor(names: UsageTableNames): (new () => MigrationInterface)[] {
  return USAGE_MIGRATIONS.map(
    (migration) =>
      class implements MigrationInterface {
        readonly name = migration.name;

        async up(runner: QueryRunner): Promise<void> {
          const layout = await layoutOn(runner, names);
          await drive(runner, layout.records.dialect.prepareSchema(layout.records));
          if (migration.isOptional) await attempt(runner, layout, migration);
          else await drive(runner, migration.up(layout));
        }

        async down(runner: QueryRunner): Promise<void> {
          await drive(runner, migration.down(await layoutOn(runner, names)));
        }
      },
  );
}

/**
 * The library's migrations for tables with the default names, for the `migrations` of the
 * application's data source.
 *
 * @example
 * new DataSource({
 *   type: 'postgres',
 *   url: process.env.DATABASE_URL,
 *   migrations: [...ownMigrations, ...usageMigrations],
 * });
 *
 * @publicApi
 */
export const usageMigrations = usageMigrationsFor({});

async function layoutOn(runner: QueryRunner, names: UsageTableNames): Promise<SqlLayout> {
  // `dataSource` is called `connection` before TypeORM 1.
  const dataSource =
    (runner as { dataSource?: DataSource }).dataSource ??
    (runner as unknown as { connection: DataSource }).connection;
  const dialect = await dialectOf(dataSource, (sql) => runner.query(sql));
  return layoutOf(dataSource, dialect, names);
}

/** Runs an optional migration. If the database refuses it, a warning says so. */
async function attempt(
  runner: QueryRunner,
  layout: SqlLayout,
  migration: UsageMigration,
): Promise<void> {
  // In PostgreSQL, an error ends the transaction, here one within that of the application's
  // migrations. In MySQL, a change of the schema would commit that one, and end this.
  const isWithin = layout.records.dialect.name === 'postgres';
  if (isWithin) await runner.startTransaction();
  try {
    await drive(runner, migration.up(layout));
  } catch (error) {
    if (isWithin) await runner.rollbackTransaction();
    const next =
      'and counts as run. To run it again, delete its row from the table of your migrations';
    usageLogger().warn(leftOut(migration, layout, next, error));
    return;
  }
  if (isWithin) await runner.commitTransaction();
}
