import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';
import type { SqlScript } from '../sql-statement.js';
import { addConsumerFields } from './add-consumer-fields.migration.js';
import { addSummaryMeasures } from './add-summary-measures.migration.js';
import { checkColumns } from './check-tables.js';
import { createUsageRecords } from './create-usage-records.migration.js';
import { createUsageSalts } from './create-usage-salts.migration.js';
import { createUsageSummaries } from './create-usage-summaries.migration.js';
import { ledgerOf } from './ledger.js';
import { indexUsageRecords } from './index-usage-records.migration.js';
import type { UsageMigration } from './usage-migration.js';

/** Rows up to which an index is made in a moment. SQLite cannot make one beside those who write. */
const FEW_ROWS = { sqlite: 100_000, postgres: 10_000, mysql: 10_000 } as const;

/** Every step of the schema, the oldest first. */
export const USAGE_MIGRATIONS: readonly UsageMigration[] = [
  createUsageRecords,
  createUsageSummaries,
  createUsageSalts,
  indexUsageRecords,
  addConsumerFields,
  addSummaryMeasures,
];

/** The steps that have not run, or that have to run again, found without a lock. */
export function* pendingMigrations(layout: SqlLayout): SqlScript<UsageMigration[]> {
  const names = yield* namesOfDone(layout);
  const undone = yield* undoneMigrations(layout);
  return USAGE_MIGRATIONS.filter((each) => !names.has(each.name) || undone.includes(each));
}

/** The steps whose columns are not there, whatever the ledger says. */
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

function tablesOf({ records, summaries, buckets, salts }: SqlLayout): readonly Table[] {
  return [records, summaries, buckets, salts];
}

function* namesOfDone(layout: SqlLayout): SqlScript<Set<unknown>> {
  const ledger = ledgerOf(layout);
  const { rows } = yield ledger.dialect.columnsOf(ledger);
  if (rows.length === 0) return new Set();
  checkColumns(ledger, rows);
  const done = yield { sql: `select name from ${ledger.path}`, values: [] };
  return new Set(done.rows.map((row) => row['name']));
}

/** Runs the steps that have not run. */
export function* migrate(layout: SqlLayout): SqlScript {
  for (const migration of yield* pendingMigrations(layout))
    if (!(yield* isPutOff(layout, migration))) yield* runMigration(layout, migration);
}

/** Whether the indexes of a step are better made after the start. */
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

/** Runs a step, unless another process has done so meanwhile, and notes that it has run. */
export function* runMigration(layout: SqlLayout, migration: UsageMigration): SqlScript {
  if (!(yield* pendingMigrations(layout)).includes(migration)) return;
  const ledger = ledgerOf(layout);
  const { dialect } = ledger;
  yield* dialect.prepareSchema(layout.records);
  const { rows } = yield dialect.columnsOf(ledger);
  if (rows.length === 0)
    for (const sql of dialect.createTable(ledger, ['name'], [])) yield { sql, values: [] };
  yield* migration.up(layout);
  // It may have been noted by a run whose table was lost.
  yield* dialect.insert(ledger, [[migration.name, Date.now()]]);
}

/** @throws {Error} if the tables are not the ones that the library reads and writes. */
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
    );
  }
}
