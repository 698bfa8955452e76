import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { confirm } from '../options/confirm.js';
import { filterOf } from '../options/filter-of.js';
import { DELETION_FLAGS, JSON_FLAG, RANGE_FLAGS, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { wholeRange } from '../options/whole-range.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { shownNumber } from '../output/units.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { refuseUnknownSummaries } from '../storage/refuse-unknown.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...RANGE_FLAGS,
  ...WHERE_FLAG,
  ...DELETION_FLAGS,
  ...JSON_FLAG,
} as const satisfies FlagTable;

/** Deletes the records that a filter chooses. */
export const deleteRecords = defineCommand({
  name: 'delete',
  summary: 'Deletes chosen records: a load test, a scanner, an import that was wrong',
  details:
    'The sums of their months are computed anew. To erase a person, take forget: it takes the name\n' +
    'out of sums whose records are gone, too.',
  flags: FLAGS,
  examples: [
    "delete --where 'userAgent.browser=k6' --start 2026-11-28 --end 2026-11-29 --dry-run",
    "delete --where 'path^=/wp-' --yes",
  ],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  if (!flags.where && !flags.start && !flags.end && !flags.last)
    throw new CommandUsageError(
      'delete needs a filter: --where, --start, --end or --last. It does not delete all records; ' +
        'prune --records deletes old ones.',
    );
  const isDry = flags['dry-run'] === true;
  const access = isDry ? 'read' : 'write';
  return withStorage(flags, io, { access, sums: 'kept' }, async (opened) => {
    const { reader, storage, timeZone } = opened;
    const { where, ...range } = filterOf(flags, timeZone);
    // By its dates: what is stored while it is asked is not deleted unseen.
    const filter = { ...wholeRange(range), ...(where && { where }) };
    const found = await reader.countUsage({ ...filter, signal: io.signal });
    if (isDry) return told(found, 'would be deleted');
    refuseUnknownSummaries(opened, 'delete');
    const question = `Delete ${shownNumber(found)} records?`;
    if (!(await confirm(question, flags.yes === true, io))) return EXIT.ok;
    const progress = new Progress(io, 'records deleted');
    const count = await storage.deleteUsage({ ...filter, signal: io.signal }, (deleted) => {
      progress.update(deleted, found);
      if (deleted >= found) progress.say('computing the sums anew …');
    });
    progress.end();
    return told(count, 'deleted');
  });

  async function told(records: number, verb: string): Promise<ExitCode> {
    const text = `${shownNumber(records)} records ${verb}.\n`;
    await write(io.stdout, flags.json ? jsonText({ records, dryRun: isDry }) : text);
    return EXIT.ok;
  }
}
