import type { MigrationStep } from '../../base/migration-step.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import {
  statementOf,
  type SqlResult,
  type SqlScript,
  type SqlStatement,
} from '../sql-statement.js';
import { refuseNewer } from './format-note.js';
import { ledgerOf } from './ledger.js';
import { pendingMigrations } from './migrate.js';
import { literalStatements } from './literal-statements.js';
import type { UsageMigration } from './usage-migration.js';

const NOTHING: SqlResult = { rows: [], changes: 0 };

/**
 * The pending migrations, with the statements that they would run. Runs what they read, and nothing
 * that they write.
 *
 * @throws {NewerFormatError} if only the code of newer formats may write the tables.
 */
export function* plannedMigrations(layout: SqlLayout): SqlScript<MigrationStep[]> {
  yield* refuseNewer(layout);
  const pending = yield* pendingMigrations(layout);
  const steps: MigrationStep[] = [];
  for (const [at, migration] of pending.entries()) {
    const statements: string[] = [];
    if (at === 0) yield* recorded(preparation(layout), statements);
    yield* recorded(migration.up(layout), statements);
    statements.push(noteOf(layout, migration));
    steps.push({ name: migration.name, statements });
  }
  return steps;
}

/** The schema and the ledger, if they are missing. */
function* preparation(layout: SqlLayout): SqlScript {
  const ledger = ledgerOf(layout);
  const { dialect } = ledger;
  yield* dialect.prepareSchema(layout.records);
  const { rows } = yield dialect.columnsOf(ledger);
  if (rows.length > 0) return;
  yield statementOf(dialect.createTable(ledger, ['name']));
}

/** The statement that notes a migration as run. Its name and its date need no escape. */
function noteOf(layout: SqlLayout, { name }: UsageMigration): string {
  const ledger = ledgerOf(layout);
  return `insert into ${ledger.path} (${ledger.columnList}) values ('${name}', ${Date.now()})`;
}

function* recorded(script: SqlScript<unknown>, statements: string[]): SqlScript {
  for (let step = script.next(); !step.done;) {
    const statement = step.value;
    if (isReading(statement)) step = script.next(yield statement);
    else {
      if (statement.sql !== '') statements.push(...literalStatements(statement));
      step = script.next(NOTHING);
    }
  }
}

function isReading({ sql }: SqlStatement): boolean {
  return /^\s*select\b/i.test(sql);
}
