import type { LoggerService } from '@nestjs/common';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { areBucketsLost, restoreBuckets } from '../summaries/restore-buckets.js';
import { looseCollations } from './check-collations.js';
import { refuseNewer, noteFormat } from './format-note.js';
import { leftOut } from './left-out.js';
import { checkTables, isPutOff, pendingMigrations, runMigration } from './migrate.js';
import type { UsageMigration } from './usage-migration.js';

/** Settings of `prepareFormat()`. */
export interface FormatSettings {
  /** Whether the storage migrates its tables itself. */
  readonly migrates: boolean;
  /** Whether anything may be changed. */
  readonly prepares: boolean;
  /** Whether indexes of large tables are made after the start, or left to an administrator. */
  readonly putsOff: boolean;
  readonly logger: LoggerService;
}

/**
 * Migrates the tables if `migrates` is set, and checks that this version can read and write them.
 * Restores a lost table of buckets.
 *
 * @returns The migrations whose indexes are to be created after the start.
 * @throws {NewerFormatError} if only the code of newer formats may write the tables.
 * @throws {Error} if a table is missing or lacks a column.
 */
export async function prepareFormat(
  engine: SqlEngine,
  layout: SqlLayout,
  { migrates, prepares, putsOff, logger }: FormatSettings,
): Promise<readonly UsageMigration[]> {
  await engine.transaction(() => refuseNewer(layout));
  if (!prepares) {
    await engine.transaction(() => checkTables(layout));
    return [];
  }
  const isLost = await engine.transaction(() => areBucketsLost(layout));
  const putOff: UsageMigration[] = [];
  if (migrates)
    for (const step of await engine.transaction(() => pendingMigrations(layout)))
      if (putsOff && (await engine.transaction(() => isPutOff(layout, step)))) putOff.push(step);
      else await migrateWith(engine, layout, step, logger);
  await engine.transaction(() => checkTables(layout));
  await noteFormat(engine, layout);
  const loose = await engine.transaction(() => looseCollations(layout));
  if (loose !== null) logger.warn(loose);
  if (isLost && (await engine.exclusively(() => restoreBuckets(layout))))
    logger.warn(
      `The table ${layout.buckets.path} was lost, or not restored with ${layout.summaries.path}: ` +
        'it was created again. Run rebuildSummaries() to make the sums what the records say, ' +
        'and back up all tables of the storage together.',
    );
  if (engine.openSession) return putOff;
  for (const step of putOff) warnOfMissingIndexes(layout, step, logger);
  return [];
}

async function migrateWith(
  engine: SqlEngine,
  layout: SqlLayout,
  step: UsageMigration,
  logger: LoggerService,
): Promise<void> {
  try {
    await engine.alterTables(() => runMigration(layout, step));
  } catch (error) {
    if (!step.isOptional) throw error;
    logger.warn(leftOut(step, layout, 'and is tried again at the next start', error));
  }
}

function warnOfMissingIndexes(
  layout: SqlLayout,
  step: UsageMigration,
  logger: LoggerService,
): void {
  const statements = step.indexes!(layout).map(
    ({ table, index }) => `${table.dialect.createIndex(table, index)};`,
  );
  logger.warn(
    `SqlStorage: the table ${layout.records.path} lacks indexes, without which it takes longer to ` +
      'find what one person has done. SQLite lets nobody write while it makes them, so run them ' +
      `when that does no harm: ${statements.join(' ')}`,
  );
}
