import type { BaseStorageParts } from '../storage-parts.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import { RecordSource, type ReportSource } from './report-source.js';

/** The source of reports on an open storage. */
export function storedSource(
  { reader, summarizer }: BaseStorageParts,
  { filter: { where } }: ParsedReportQuery,
): ReportSource {
  return new RecordSource(
    summarizer.calendar,
    (start, end) => reader.stream({ start, end, where }),
    async () => {
      const [newest] = await reader.page({
        start: null,
        end: null,
        where: [],
        limit: 1,
        offset: 0,
      });
      return newest?.date.getTime() ?? null;
    },
  );
}
