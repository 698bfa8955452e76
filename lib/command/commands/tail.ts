import type { UsageReader } from '../../reading/usage-reader.js';
import type { UsageRecord } from '../../record/index.js';
import type { UsageFilter } from '../../storages/contract/usage-query.js';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { parseCount } from '../options/parse-values.js';
import { parseWhereFlags } from '../options/parse-where.js';
import { JSON_FLAG, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonLine } from '../output/json.js';
import { recordLine } from '../output/record-line.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { followRecords } from '../tail/follow-records.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...WHERE_FLAG,
  limit: { type: 'string', value: 'N', help: 'The latest records to begin with; default: 20' },
  follow: { type: 'boolean', help: 'Goes on with new records as they are stored' },
  ...JSON_FLAG,
} as const satisfies FlagTable;

const DEFAULT_LIMIT = 20;

/** Prints the latest records. */
export const tail = defineCommand({
  name: 'tail',
  summary: 'Prints the latest records, and new ones as they are stored',
  details:
    'With --follow, Ctrl-C ends it. What is stored more than ten minutes after its request began, such as\n' +
    'an import, is not shown as new.',
  flags: FLAGS,
  examples: ["tail --follow --where 'status>=400'"],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const limit = parseCount('--limit', flags.limit) ?? DEFAULT_LIMIT;
  const where = parseWhereFlags(flags.where);
  return withStorage(flags, io, { access: 'read', sums: 'kept' }, async ({ reader, timeZone }) => {
    const terminal = terminalOf(io.stdout, io);
    const print = (record: UsageRecord) =>
      write(
        io.stdout,
        flags.json ? jsonLine(record) : `${recordLine(record, timeZone, terminal)}\n`,
      );
    const filter: UsageFilter = { where, signal: io.signal };
    if (!flags.follow) {
      const latest = await latestRecords(reader, filter, limit);
      for (const record of latest.toReversed()) await print(record);
      return EXIT.ok;
    }
    try {
      for await (const record of followRecords(reader, filter, limit)) await print(record);
    } catch (error) {
      if (!io.signal.aborted) throw error;
    }
    return EXIT.ok;
  });
}

async function latestRecords(
  reader: UsageReader,
  filter: UsageFilter,
  limit: number,
): Promise<UsageRecord[]> {
  const found: UsageRecord[] = [];
  for await (const record of reader.streamUsage(filter)) {
    found.push(record);
    if (found.length === limit) break;
  }
  return found;
}
