import { OutdatedFormatError } from '../../storages/contract/storage-errors.js';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { examine } from '../doctor/examine.js';
import { diagnosisText } from '../doctor/diagnosis-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { JSON_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { storageOfFlags } from '../storage/storage-maker.js';

const FLAGS = { ...STORAGE_FLAGS, ...JSON_FLAG } as const satisfies FlagTable;

/** Looks a storage over. */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Says what is in a storage, and what is wrong with it; exit code 1 if something is',
  flags: FLAGS,
  examples: ['doctor'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const progress = new Progress(io, '');
  progress.say('looking …');
  const { make, context } = await storageOfFlags(flags, io, 'read');
  const pending = await (await make()).pendingSteps(context);
  const use = { access: 'read', sums: 'stored' } as const;
  const diagnosis = await withStorage(flags, io, use, (opened) =>
    examine(opened, pending, io.signal),
  ).catch((error: unknown) => {
    if (error instanceof OutdatedFormatError) return { facts: null, findings: [error.message] };
    throw error;
  });
  progress.end();
  await write(
    io.stdout,
    flags.json ? jsonText(diagnosis) : diagnosisText(diagnosis, terminalOf(io.stdout, io)),
  );
  return diagnosis.findings.length > 0 ? EXIT.finding : EXIT.ok;
}
