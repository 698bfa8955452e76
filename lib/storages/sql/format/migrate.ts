import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';
import type { SqlScript } from '../sql-statement.js';
import { checkColumns } from './check-tables.js';
import { createUsageRecords } from './create-usage-records.migration.js';
import { createUsageSalts } from './create-usage-salts.migration.js';
import { createUsageSummaries } from './create-usage-summaries.migration.js';
import { ledgerOf } from './ledger.js';
import { indexUsageRecords } from './index-usage-records.migration.js';
import type { UsageMigration } from './usage-migration.js';

/** Every step of the schema, the oldest first. */
export const USAGE_MIGRATIONS: readonly UsageMigration[] = [
  createUsageRecords,
  createUsageSummaries,
  createUsageSalts,
  indexUsageRecords,
];

/** The steps that have not run, or whose table was lost since, found without a lock. */
export function* pendingMigrations(layout: SqlLayout): SqlScript<UsageMigration[]> {
  const names = yield* namesOfDone(layout);
  if (names.size === 0) return [...USAGE_MIGRATIONS];
  const lost = new Set<UsageMigration>();
  for (const [table, migrations] of madeBy(layout)) {
    const { rows } = yield table.dialect.columnsOf(table);
    if (rows.length === 0) for (const migration of migrations) lost.add(migration);
  }
  return USAGE_MIGRATIONS.filter((each) => !names.has(each.name) || lost.has(each));
}

function* namesOfDone(layout: SqlLayout): SqlScript<Set<unknown>> {
  const ledger = ledgerOf(layout);
  const { rows } = yield ledger.dialect.columnsOf(ledger);
  if (rows.length === 0) return new Set();
  checkColumns(ledger, rows);
  const done = yield { sql: `select name from ${ledger.path}`, values: [] };
  return new Set(done.rows.map((row) => row['name']));
}

function madeBy({ records, summaries, buckets, salts }: SqlLayout) {
  return [
    [records, [createUsageRecords, indexUsageRecords]],
    [summaries, [createUsageSummaries]],
    [buckets, [createUsageSummaries]],
    [salts, [createUsageSalts]],
  ] as const satisfies readonly (readonly [Table, readonly UsageMigration[]])[];
}

/** Runs the steps that have not run. */
export function* migrate(layout: SqlLayout): SqlScript {
  const ledger = ledgerOf(layout);
  const { dialect } = ledger;
  const pending = yield* pendingMigrations(layout);
  if (pending.length === 0) return;
  yield* dialect.prepareSchema(layout.records);
  const { rows } = yield dialect.columnsOf(ledger);
  if (rows.length === 0)
    for (const sql of dialect.createTable(ledger, ['name'], [])) yield { sql, values: [] };
  const names = yield* namesOfDone(layout);
  for (const migration of pending) {
    yield* migration.up(layout);
    if (names.has(migration.name)) continue;
    yield {
      sql:
        `insert into ${ledger.path} (${ledger.columnList}) ` +
        `values (${dialect.placeholder(1)}, ${dialect.placeholder(2)})`,
      values: [migration.name, Date.now()],
    };
  }
}

/** Makes sure that the tables are the ones that the library writes. */
export function* checkTables({ records, summaries, buckets, salts }: SqlLayout): SqlScript {
  for (const table of [records, summaries, buckets, salts] as const) {
    const { rows } = yield table.dialect.columnsOf(table);
    checkColumns(table, rows);
  }
}
