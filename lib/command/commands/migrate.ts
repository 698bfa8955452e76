import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { JSON_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { write } from '../output/write.js';
import type { MigrationStep } from '../../storages/base/migration-step.js';
import { visibleText } from '../../support/shown-value.js';
import { storageOfFlags } from '../storage/storage-maker.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  status: { type: 'boolean', help: 'Says what would be done, and does nothing' },
  sql: { type: 'boolean', help: 'Prints the statements that would do it, and does nothing' },
  ...JSON_FLAG,
} as const satisfies FlagTable;

/** Brings tables, collections and indexes to what this version needs. */
export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Makes the tables and indexes that this version needs',
  details:
    'Run it before a new version starts. Afterwards the application needs no more rights than to read\n' +
    'and write rows.',
  flags: FLAGS,
  examples: ['migrate --status', 'migrate --sql > migration.sql', 'migrate'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  if (flags.sql && flags.json) throw new CommandUsageError('Give either --sql or --json.');
  const { make, context } = await storageOfFlags(flags, io, 'write');
  const storage = await make();
  const pending = await storage.pendingSteps(context);
  if (flags.sql) {
    const untold = pending.filter(({ statements }) => statements.length === 0);
    if (untold.length > 0)
      throw new Error(
        `This storage has no statements to print: ${namesOf(untold)}. Run migrate without --sql.`,
      );
    await write(io.stdout, sqlOf(pending));
    return EXIT.ok;
  }
  if (!flags.status && pending.length > 0) {
    const progress = new Progress(io, '');
    progress.say('migrating …');
    await storage.migrate(context);
    progress.end();
    const left = await (await make()).pendingSteps(context);
    if (left.length > 0)
      throw new Error(`This is still to be done: ${namesOf(left)}. See what is said above.`);
  }
  const names = pending.map(({ name }) => name);
  const done = !flags.status;
  await write(
    io.stdout,
    flags.json
      ? jsonText(done ? { pending: [], done: names } : { pending: names, done: [] })
      : textOf(names, done),
  );
  return EXIT.ok;
}

function textOf(names: readonly string[], done: boolean): string {
  if (names.length === 0)
    return 'Nothing is to be done: the storage is as this version needs it.\n';
  const title = done ? 'Done:' : 'To be done by nestjs-track-usage migrate:';
  return [title, ...names.map((name) => `  ${visibleText(name)}`), ''].join('\n');
}

function sqlOf(steps: readonly MigrationStep[]): string {
  return steps
    .map(({ name, statements }) => `-- ${name}\n${statements.map((sql) => `${sql};\n`).join('')}`)
    .join('\n');
}

function namesOf(steps: readonly MigrationStep[]): string {
  return steps.map(({ name }) => name).join(', ');
}
