import type { TimeRange, UsageFilter } from '../../storages/contract/usage-query.js';
import type { FlagValues } from '../command.js';
import { CommandUsageError } from '../usage-error.js';
import { parseDate } from './parse-date.js';
import { parseWhereFlags } from './parse-where.js';
import type { RANGE_FLAGS, WHERE_FLAG } from './query-flags.js';

/**
 * The range that the flags name. Nothing is a field without a value: queries refuse those.
 *
 * @throws {CommandUsageError} if a date is none, or `--last` stands beside one.
 */
export function rangeOf(
  { last, start, end }: FlagValues<typeof RANGE_FLAGS>,
  timeZone: string,
): TimeRange {
  if (last !== undefined && (start !== undefined || end !== undefined))
    throw new CommandUsageError('Give either --last, or --start and --end.');
  return {
    ...(last !== undefined && { last }),
    ...(start !== undefined && { startDate: parseDate('--start', start, timeZone, false) }),
    ...(end !== undefined && { endDate: parseDate('--end', end, timeZone, true) }),
  };
}

/**
 * The filter that the flags name.
 *
 * @throws {CommandUsageError} if a date or a condition is none.
 */
export function filterOf(
  flags: FlagValues<typeof RANGE_FLAGS & typeof WHERE_FLAG>,
  timeZone: string,
): UsageFilter {
  const where = parseWhereFlags(flags.where);
  return {
    ...rangeOf(flags, timeZone),
    ...(Object.keys(where).length > 0 && { where }),
  };
}
