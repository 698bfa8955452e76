import { setTimeout as delay } from 'node:timers/promises';
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

const FLAGS = {
  ...STORAGE_FLAGS,
  ...WHERE_FLAG,
  limit: { type: 'string', value: 'N', help: 'The latest records to begin with; default: 20' },
  follow: { type: 'boolean', help: 'Goes on with new records as they are stored' },
  ...JSON_FLAG,
} as const satisfies FlagTable;

const DEFAULT_LIMIT = 20;
const PAGE = 1000;
const POLL_MS = 1000;
/** A record is stored when its response has ended: long after its date, if that took long. */
const RECENT_MS = 30_000;
const LATE_MS = 600_000;
/** Every so many polls, late records are looked for, too. */
const LATE_POLLS = 10;

/** Prints the latest records. */
export const tail = defineCommand({
  name: 'tail',
  summary: 'Prints the latest records, and new ones as they are stored',
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
    const latest = await latestRecords(reader, filter, limit);
    for (const record of latest.toReversed()) await print(record);
    if (!flags.follow) return EXIT.ok;
    try {
      for await (const record of newRecords(reader, filter, latest)) await print(record);
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

/** Records that are stored from now on, those of one look oldest first, each once. */
async function* newRecords(
  reader: UsageReader,
  filter: UsageFilter,
  latest: readonly UsageRecord[],
): AsyncGenerator<UsageRecord, void, undefined> {
  const { signal } = filter;
  const began = Date.now();
  // What is there already, and lies before the latest that were shown, is not new.
  const seen = new Map(latest.map(({ id, date }) => [id, date.getTime()]));
  for await (const { id, date } of reader.streamUsage({
    ...filter,
    startDate: new Date(began - LATE_MS),
  }))
    seen.set(id, date.getTime());
  for (let poll = 1; ; poll++) {
    await delay(POLL_MS, undefined, { signal: signal! });
    const isLate = poll % LATE_POLLS === 0;
    const startDate = new Date(Date.now() - (isLate ? LATE_MS : RECENT_MS));
    const fresh: UsageRecord[] = [];
    for (let page = 1; ; page++) {
      const records = await reader.getUsage({ ...filter, startDate, limit: PAGE, page });
      for (const record of records) if (!seen.has(record.id)) fresh.push(record);
      if (records.length < PAGE) break;
    }
    for (const record of fresh.toReversed()) {
      if (seen.has(record.id)) continue;
      seen.set(record.id, record.date.getTime());
      yield record;
    }
    if (isLate) for (const [id, date] of seen) if (date < Date.now() - 2 * LATE_MS) seen.delete(id);
  }
}
