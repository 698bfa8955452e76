import type { PruneBounds, PruneCounts } from '../../storages/contract/maintenance.js';
import { parseAge, RETENTION_FIELDS } from '../../retention/retention-options.js';
import {
  defineCommand,
  type CommandCall,
  type FlagDefinition,
  type FlagTable,
  type FlagValues,
} from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { confirm } from '../options/confirm.js';
import { DELETION_FLAGS, JSON_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { shownDate, shownNumber } from '../output/units.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { CommandUsageError } from '../usage-error.js';

const AGE: FlagDefinition & { readonly type: 'string' } = {
  type: 'string',
  value: 'AGE',
  help: '',
};

const FLAGS = {
  ...STORAGE_FLAGS,
  records: { ...AGE, help: 'Deletes records that are older: 90d, 12h, 2y' },
  hour: { ...AGE, help: 'Deletes sums of hours that are older' },
  day: { ...AGE, help: 'Deletes sums of days that are older' },
  month: { ...AGE, help: 'Deletes sums of months that are older' },
  personal: { ...AGE, help: 'Counts what names persons in older sums under (other)' },
  ...DELETION_FLAGS,
  ...JSON_FLAG,
} as const satisfies FlagTable;

type Ages = Partial<Record<keyof PruneBounds, string>>;

/** Deletes what is old. */
export const prune = defineCommand({
  name: 'prune',
  summary: 'Deletes old records and sums, as the option retention does',
  details:
    'Without ages, those of the option retention in --options FILE count. Run it every day by cron,\n' +
    'with --yes, where the application does not do it.',
  flags: FLAGS,
  examples: ['prune --records 90d --hour 60d --day 2y --yes'],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const isDry = flags['dry-run'] === true;
  const access = isDry ? 'read' : 'write';
  const given = agesOf(flags);
  return withStorage(flags, io, { access, sums: 'kept' }, async (opened) => {
    const { storage, timeZone, options } = opened;
    const bounds = boundsOf(Object.keys(given).length > 0 ? given : (options?.retention ?? {}));
    const shown = Object.entries(bounds as Record<string, Date>)
      .map(([kind, date]) => `${kind} before ${shownDate(date, timeZone)}`)
      .join(', ');
    const progress = new Progress(io, '');
    if (isDry) {
      progress.say('counting …');
      const counts = await storage.countPruned(bounds);
      progress.end();
      return told(counts, 'would be deleted');
    }
    if (!(await confirm(`Delete ${shown}?`, flags.yes === true, io))) return EXIT.ok;
    progress.say('deleting …');
    const counts = await storage.prune(bounds);
    progress.end();
    return told(counts, 'deleted');
  });

  async function told(counts: PruneCounts, verb: string): Promise<ExitCode> {
    const { records, hour, day, month } = counts;
    const text =
      `${shownNumber(records)} records and ${shownNumber(hour + day + month)} rows of sums ${verb} ` +
      `(hours ${shownNumber(hour)}, days ${shownNumber(day)}, months ${shownNumber(month)}).`;
    const shown = { ...counts, dryRun: isDry };
    await write(io.stdout, flags.json ? jsonText(shown) : `${text}\n`);
    return EXIT.ok;
  }
}

function agesOf(flags: FlagValues<typeof FLAGS>): Ages {
  const ages = RETENTION_FIELDS.flatMap((field) => {
    const age = flags[field];
    if (age === undefined) return [];
    if (parseAge(age) !== null) return [[field, age]];
    throw new CommandUsageError(
      `--${field}: expected an age such as 90d, 12h or 2y, but got ${JSON.stringify(age)}.`,
    );
  });
  return Object.fromEntries(ages) as Ages;
}

function boundsOf(ages: Partial<Record<keyof PruneBounds, string | number>>): PruneBounds {
  const now = Date.now();
  const bounds = RETENTION_FIELDS.flatMap((field) => {
    const age = parseAge(ages[field]);
    return age === null ? [] : [[field, new Date(now - age)]];
  });
  if (bounds.length > 0) return Object.fromEntries(bounds) as PruneBounds;
  throw new CommandUsageError(
    `prune needs an age: ${RETENTION_FIELDS.map((field) => `--${field}`).join(', ')}, such as ` +
      '--records 90d, or the option retention in --options FILE.',
  );
}
