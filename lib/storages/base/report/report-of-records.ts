import type { UsageRecord } from '../../../record/index.js';
import { parseReportQuery } from './parse-report-query.js';
import { RecordSource } from './report-source.js';
import { withTimeout } from '../query/cancellation.js';
import { withDeprecatedGroups, type ReadNotes } from '../routes/decide-deprecated.js';
import { runReport } from './run-report.js';
import type { UsageFilter } from '../../contract/usage-query.js';
import type { ReportQuery, UsageReport } from '../../contract/usage-report.js';
import type { UsageStorage } from '../../contract/usage-storage.js';
import { calendarOf } from '../../../summary/index.js';

/**
 * Answers a report for a storage without `report()`, by the records that it returns.
 *
 * @param stream Streams its records that match a filter.
 * @param readNotes Reads the lists of routes, which decide what is deprecated.
 * @throws {UsageQueryError} if a field is unknown, a value is invalid, or values contradict each
 * other.
 */
export async function reportOfRecords(
  query: ReportQuery,
  timeZone: string,
  storage: Required<Pick<UsageStorage, 'getUsage'>>,
  stream: (filter: UsageFilter) => AsyncIterable<UsageRecord>,
  readNotes: ReadNotes,
): Promise<UsageReport> {
  const { where } = query;
  const parsed = parseReportQuery(query);
  return withTimeout(parsed.filter, async (signal) => {
    const source = new RecordSource(
      calendarOf(timeZone),
      (startDate, endDate) =>
        stream({
          ...(startDate && { startDate }),
          endDate,
          ...(where && { where }),
          ...(signal && { signal }),
        }),
      async () => (await storage.getUsage({ limit: 1 }))[0]?.date.getTime() ?? null,
    );
    return runReport(await withDeprecatedGroups(parsed, readNotes), source);
  });
}
