import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { rangeOf } from '../options/filter-of.js';
import { JSON_FLAG, RANGE_FLAGS } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { wholeRange } from '../options/whole-range.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { refuseUnknownSummaries } from '../storage/refuse-unknown.js';

const FLAGS = { ...STORAGE_FLAGS, ...RANGE_FLAGS, ...JSON_FLAG } as const satisfies FlagTable;

/** Computes sums anew from the records. */
export const rebuild = defineCommand({
  name: 'rebuild',
  summary: 'Computes the sums anew from the records',
  flags: FLAGS,
  examples: ['rebuild --start 2026-11-01 --end 2026-11-30'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  return withStorage(flags, io, { access: 'write', sums: 'kept' }, async (opened) => {
    refuseUnknownSummaries(opened, 'rebuild');
    const progress = new Progress(io, '');
    progress.say('computing the sums anew …');
    await opened.reader.rebuildSummaries(wholeRange(rangeOf(flags, opened.timeZone)));
    progress.end();
    const names = opened.summaries.kept.map(({ dimension }) => dimension);
    const text =
      names.length > 0
        ? `The sums are computed anew: ${names.join(', ')}.`
        : 'There are no sums to compute.';
    await write(io.stdout, flags.json ? jsonText({ summaries: names }) : `${text}\n`);
    return EXIT.ok;
  });
}
