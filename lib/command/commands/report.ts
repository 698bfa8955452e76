import type { ReportQuery } from '../../storages/contract/usage-report.js';
import { REPORT_COMPARISONS, REPORT_INTERVALS } from '../../storages/contract/usage-report.js';
import { defineCommand, type CommandCall, type FlagTable, type FlagValues } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { filterOf } from '../options/filter-of.js';
import { parseChoice, parseCount, parseNames } from '../options/parse-values.js';
import { JSON_FLAG, RANGE_FLAGS, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { reportCsv } from '../output/report-csv.js';
import { reportText } from '../output/report-text.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...RANGE_FLAGS,
  ...WHERE_FLAG,
  metrics: {
    type: 'string',
    value: 'NAMES',
    help: 'hits, transfer, errors, refused, aborted, errorRate, refusedRate, duration, mean, p50, p90, p95, p99, max, consumers, users, visitors, remotes, routes, firstSeen, lastSeen; default: hits',
  },
  by: {
    type: 'string',
    value: 'NAMES',
    help: 'Groups by these: route, consumer, status, client, …',
  },
  interval: { type: 'string', value: 'UNIT', help: 'minute, hour, day, week or month' },
  compare: {
    type: 'string',
    value: 'SPAN',
    help: 'previous, week or year: beside an earlier span',
  },
  order: {
    type: 'string',
    value: 'NAME',
    help: 'A metric or one of --by, with :asc or :desc; default: the first metric, the greatest first',
  },
  limit: { type: 'string', value: 'N', help: 'Groups to show; default: 100' },
  page: { type: 'string', value: 'N', help: 'The page of groups, from 1' },
  ...JSON_FLAG,
  csv: { type: 'boolean', help: 'Prints CSV' },
} as const satisfies FlagTable;

type ReportFlags = FlagValues<typeof FLAGS>;

/** Asks a question about all requests of a range, and prints the answer. */
export const report = defineCommand({
  name: 'report',
  summary: 'Counts requests: how many, how fast, of which routes and consumers, day by day',
  flags: FLAGS,
  examples: [
    'report --by route --metrics hits,p95,errorRate --last 7d --compare previous --limit 10',
    "report --interval day --last 12w --where 'status>=500' --csv",
  ],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  if (flags.json && flags.csv) throw new CommandUsageError('Give either --json or --csv.');
  return withStorage(
    flags,
    io,
    { access: 'read', sums: 'stored' },
    async ({ reader, timeZone }) => {
      const query = { ...queryOf(flags, timeZone), signal: io.signal };
      const answer = await reader.report(query);
      if (flags.json) await write(io.stdout, jsonText(answer));
      else if (flags.csv) await write(io.stdout, reportCsv(query, answer));
      else {
        const terminal = terminalOf(io.stdout, io);
        await write(io.stdout, await reportText(reader, query, answer, timeZone, terminal));
      }
      return EXIT.ok;
    },
  );
}

function queryOf(flags: ReportFlags, timeZone: string): ReportQuery {
  const metrics = parseNames(flags.metrics);
  const dimensions = parseNames(flags.by);
  const interval = parseChoice('--interval', flags.interval, REPORT_INTERVALS);
  const compare = parseChoice('--compare', flags.compare, REPORT_COMPARISONS);
  const limit = parseCount('--limit', flags.limit);
  const page = parseCount('--page', flags.page);
  const orderBy = orderOf(flags.order);
  return {
    ...filterOf(flags, timeZone),
    ...(metrics && { metrics: metrics as NonNullable<ReportQuery['metrics']> }),
    ...(dimensions && { dimensions }),
    ...(interval && { interval }),
    ...(compare && { compare }),
    ...(orderBy && { orderBy }),
    ...(limit && { limit }),
    ...(page && { page }),
  };
}

function orderOf(given: string | undefined): Record<string, 'asc' | 'desc'> | undefined {
  if (given === undefined) return undefined;
  const [, name, direction = 'desc'] = /^(.*?)(?::(asc|desc))?$/s.exec(given)!;
  return { [name!]: direction as 'asc' | 'desc' };
}
