import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';
import { inOneTurn, runThrough, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import { statementOf, type SqlScript } from '../sql-statement.js';
import { addConsumerFields } from './add-consumer-fields.migration.js';
import { addLatencyRelations } from './add-latency-relations.migration.js';
import { addSummaryMeasures } from './add-summary-measures.migration.js';
import { checkColumns } from './check-tables.js';
import { createUsageNotes } from './create-usage-notes.migration.js';
import { createUsageRecords } from './create-usage-records.migration.js';
import { createUsageSalts } from './create-usage-salts.migration.js';
import { createUsageSummaries } from './create-usage-summaries.migration.js';
import { refuseNewer } from './format-note.js';
import { indexUsageRecords } from './index-usage-records.migration.js';
import { ledgerOf } from './ledger.js';
import type { UsageMigration } from './usage-migration.js';

/**
 * Rows up to which an index is created within a migration. In a larger table it is created after
 * the start. SQLite cannot create one while others write, so there a warning names the statements.
 */
const FEW_ROWS = { sqlite: 100_000, postgres: 10_000, mysql: 10_000 } as const;

/** All migrations, the oldest first. */
export const USAGE_MIGRATIONS: readonly UsageMigration[] = [
  createUsageRecords,
  createUsageSummaries,
  createUsageSalts,
  indexUsageRecords,
  addConsumerFields,
  addSummaryMeasures,
  addLatencyRelations,
  createUsageNotes,
];

/** The migrations that have not run, and those whose work is lost. Reads without a lock. */
export function* pendingMigrations(layout: SqlLayout): SqlScript<UsageMigration[]> {
  const names = yield* namesOfDone(layout);
  const undone = yield* undoneMigrations(layout);
  const lost = yield* lostMigrations(layout);
  return USAGE_MIGRATIONS.filter(
    (each) => !names.has(each.name) || undone.includes(each) || lost.includes(each),
  );
}

/** The migrations of which something is lost that is no column. */
function* lostMigrations(layout: SqlLayout): SqlScript<UsageMigration[]> {
  const lost: UsageMigration[] = [];
  for (const migration of USAGE_MIGRATIONS)
    if (migration.isDone && !(yield* migration.isDone(layout))) lost.push(migration);
  return lost;
}

/** The migrations whose columns are missing, even if the ledger says that they have run. */
function* undoneMigrations(layout: SqlLayout): SqlScript<UsageMigration[]> {
  const found = new Map<string, ReadonlySet<unknown>>();
  for (const table of tablesOf(layout)) {
    const { rows } = yield table.dialect.columnsOf(table);
    found.set(table.path, new Set(rows.map((row) => row['name'])));
  }
  const isThere = (table: Table) =>
    table.columns.every((each) => found.get(table.path)!.has(table.columnName(each)));
  return USAGE_MIGRATIONS.filter((each) => !each.columns(layout).every(isThere));
}

function tablesOf({ records, summaries, buckets, salts, notes }: SqlLayout): readonly Table[] {
  return [records, summaries, buckets, salts, notes];
}

function* namesOfDone(layout: SqlLayout): SqlScript<Set<unknown>> {
  const ledger = ledgerOf(layout);
  const { rows } = yield ledger.dialect.columnsOf(ledger);
  if (rows.length === 0) return new Set();
  checkColumns(ledger, rows);
  const done = yield { sql: `select name from ${ledger.path}`, values: [] };
  return new Set(done.rows.map((row) => row['name']));
}

/** Runs the pending migrations, except those whose indexes are deferred. */
export function* migrate(layout: SqlLayout): SqlScript {
  for (const migration of yield* pendingMigrations(layout))
    if (!(yield* isPutOff(layout, migration))) yield* runMigration(layout, migration);
}

/**
 * Whether a migration's indexes should be created after the start: one is missing, and its table
 * has many rows.
 */
export function* isPutOff(layout: SqlLayout, step: UsageMigration): SqlScript<boolean> {
  const fewRows = FEW_ROWS[layout.records.dialect.name];
  for (const { table, index } of step.indexes?.(layout) ?? []) {
    if ((yield table.dialect.columnsOf(table)).rows.length === 0) continue;
    if ((yield table.dialect.findIndex(table, index.suffix)).rows[0]?.['usable']) continue;
    const { rows } = yield {
      sql: `select count(*) as n from (select 1 from ${table.path} limit ${fewRows + 1}) t`,
      values: [],
    };
    if (Number(rows[0]?.['n']) > fewRows) return true;
  }
  return false;
}

/** Runs a migration and notes it in the ledger, unless another process has run it meanwhile. */
export function* runMigration(layout: SqlLayout, migration: UsageMigration): SqlScript {
  if (!(yield* pendingMigrations(layout)).includes(migration)) return;
  const ledger = ledgerOf(layout);
  const { dialect } = ledger;
  yield* dialect.prepareSchema(layout.records);
  const { rows } = yield dialect.columnsOf(ledger);
  if (rows.length === 0) yield statementOf(dialect.createTable(ledger, ['name']));
  yield* migration.up(layout);
  // The ledger may name it already, if its table was lost after an earlier run.
  yield* dialect.insert(ledger, [[migration.name, Date.now()]]);
}

/** @throws {Error} if a table is missing or lacks a column that the library reads or writes. */
export function* checkTables(layout: SqlLayout): SqlScript {
  const undone = yield* undoneMigrations(layout);
  for (const table of tablesOf(layout)) {
    const { rows } = yield table.dialect.columnsOf(table);
    const [creation, ...additions] = USAGE_MIGRATIONS.filter((each) =>
      each.columns(layout).some(({ path }) => path === table.path),
    );
    const isOurs = !undone.includes(creation!);
    const steps = isOurs ? additions.filter((each) => undone.includes(each)) : [];
    checkColumns(
      table,
      rows,
      steps.map(({ name }) => name),
      table === layout.records,
    );
  }
}

/**
 * How long the migration waits for another process that writes, such as an older version in a
 * rolling deployment.
 */
const LOCK_WAIT_MS = 5000;

/**
 * Migrates the tables of an SQLite file synchronously.
 *
 * @throws {NewerFormatError} if only the code of newer formats may write the tables.
 */
export function migrateSynchronously(handle: SqliteHandle, layout: SqlLayout): void {
  runThrough(handle, refuseNewer(layout));
  const pending = runThrough(handle, pendingMigrations(layout));
  if (pending.length > 0) inOneTurn(handle, () => migrate(layout), LOCK_WAIT_MS);
}
