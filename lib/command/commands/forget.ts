import type { UsageSubject } from '../../storages/contract/maintenance.js';
import { defineCommand, type CommandCall, type FlagTable, type FlagValues } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { confirm } from '../options/confirm.js';
import { DELETION_FLAGS, JSON_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { shownNumber } from '../output/units.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { refuseUnknownSummaries } from '../storage/refuse-unknown.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  username: { type: 'string', value: 'NAME', help: 'The user' },
  'visitor-id': { type: 'string', value: 'ID', help: 'The visitor' },
  'remote-addr': { type: 'string', value: 'ADDRESS', help: 'The address, as it is stored' },
  consumer: { type: 'string', value: 'ID', help: 'The consumer' },
  ...DELETION_FLAGS,
  ...JSON_FLAG,
} as const satisfies FlagTable;

const SUBJECTS = [
  ['username', 'username'],
  ['visitor-id', 'visitorId'],
  ['remote-addr', 'remoteAddr'],
  ['consumer', 'consumer'],
] as const;

/** Erases a person. */
export const forget = defineCommand({
  name: 'forget',
  summary: 'Deletes all records of a person or a consumer, and takes them out of the sums',
  flags: FLAGS,
  examples: ['forget --username ada --dry-run'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const [field, value] = subjectOf(flags);
  const isDry = flags['dry-run'] === true;
  const access = isDry ? 'read' : 'write';
  return withStorage(flags, io, { access, sums: 'kept' }, async (opened) => {
    const { reader, storage } = opened;
    const found = await reader.countUsage({ where: { [field]: value }, signal: io.signal });
    if (isDry) return told(found, 'would be deleted');
    refuseUnknownSummaries(opened, 'forget');
    const question = `Delete ${shownNumber(found)} records of ${field} ${JSON.stringify(value)}, and take them out of the sums?`;
    if (!(await confirm(question, flags.yes === true, io))) return EXIT.ok;
    const progress = new Progress(io, '');
    progress.say('deleting …');
    const count = await storage.forget({ [field]: value } as unknown as UsageSubject);
    progress.end();
    return told(count, 'deleted');
  });

  async function told(records: number, verb: string): Promise<ExitCode> {
    const text = `${shownNumber(records)} records ${verb}.\n`;
    await write(io.stdout, flags.json ? jsonText({ records, dryRun: isDry }) : text);
    return EXIT.ok;
  }
}

function subjectOf(flags: FlagValues<typeof FLAGS>): [field: string, value: string] {
  const given = SUBJECTS.flatMap(([flag, field]): [string, string][] => {
    const value = flags[flag];
    return value === undefined ? [] : [[field, value]];
  });
  if (given.length === 1) return given[0]!;
  throw new CommandUsageError(
    `forget needs one of ${SUBJECTS.map(([flag]) => `--${flag}`).join(', ')}, but got ` +
      `${given.length === 0 ? 'none' : given.map(([field]) => field).join(' and ')}.`,
  );
}
