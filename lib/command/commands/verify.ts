import type { SummaryDifference } from '../../storages/contract/maintenance.js';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { rangeOf } from '../options/filter-of.js';
import { JSON_FLAG, RANGE_FLAGS } from '../options/query-flags.js';
import { wholeRange } from '../options/whole-range.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { tableLines, type TableColumn } from '../output/table.js';
import { terminalOf } from '../output/terminal.js';
import { shownBucket, shownNumber } from '../output/units.js';
import { write } from '../output/write.js';
import { withStorage, type OpenStorage } from '../storage/open-storage.js';

const FLAGS = { ...STORAGE_FLAGS, ...RANGE_FLAGS, ...JSON_FLAG } as const satisfies FlagTable;
/** More differences than these are counted, not shown. */
const MAX_SHOWN = 50;

/** Compares sums with records. */
export const verify = defineCommand({
  name: 'verify',
  summary: 'Compares the sums with the records; exit code 1 if they differ',
  flags: FLAGS,
  examples: ['verify --last 7d'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  return withStorage(flags, io, { access: 'read', sums: 'kept' }, async (opened) => {
    const progress = new Progress(io, '');
    progress.say('comparing sums with records …');
    const range = wholeRange(rangeOf(flags, opened.timeZone));
    const differences = await opened.reader.verifySummaries(range);
    progress.end();
    const verified = opened.summaries.kept.map(({ dimension }) => dimension);
    if (flags.json)
      await write(
        io.stdout,
        jsonText({ summaries: verified, unverified: opened.summaries.unknown, differences }),
      );
    else await write(io.stdout, verifiedText(differences, opened, terminalOf(io.stdout, io)));
    return differences.length > 0 ? EXIT.finding : EXIT.ok;
  });
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'summary', align: 'left' },
  { title: 'period', align: 'left' },
  { title: 'date', align: 'left' },
  { title: 'key', align: 'left', isCut: true },
  { title: 'stored', align: 'right' },
  { title: 'records say', align: 'right' },
];

function verifiedText(
  differences: readonly SummaryDifference[],
  { summaries, timeZone }: OpenStorage,
  terminal: ReturnType<typeof terminalOf>,
): string {
  const { kept, unknown, ended } = summaries;
  const names = kept.map(({ dimension }) => dimension).join(', ');
  const lines = [
    ...(unknown.length > 0
      ? [`Not verified, for they are the application's own: ${unknown.join(', ')}. Give --options.`]
      : []),
    ...(ended.length > 0
      ? [`Not verified, for nothing counts in them now: ${ended.join(', ')}.`]
      : []),
  ];
  if (kept.length === 0) return [...lines, 'There are no sums to verify.', ''].join('\n');
  if (differences.length === 0)
    return [...lines, `The sums say what the records say: ${names}.`, ''].join('\n');
  const rows = differences
    .slice(0, MAX_SHOWN)
    .map(({ dimension, period, date, key, stored, expected }) => [
      dimension,
      period,
      shownBucket(date, period, timeZone),
      key,
      stored ? shownNumber(stored.hits) : '-',
      expected ? shownNumber(expected.hits) : '-',
    ]);
  const more = differences.length - rows.length;
  return [
    ...lines,
    ...tableLines(COLUMNS, rows, terminal),
    ...(more > 0 ? [`… and ${shownNumber(more)} more`] : []),
    '',
    `${shownNumber(differences.length)} rows differ from the records (hits are shown). Mend them with: nestjs-track-usage rebuild`,
    '',
  ].join('\n');
}
