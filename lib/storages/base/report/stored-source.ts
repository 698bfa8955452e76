import type { BaseStorageParts } from '../storage-parts.js';
import { addStored, type ReportFilter } from './add-aggregates.js';
import type { ReportSource } from './report-source.js';

/** The source of reports on an open storage. */
export function storedSource(
  { reader, summarizer }: BaseStorageParts,
  { where, signal = null }: ReportFilter,
): ReportSource {
  return {
    calendar: summarizer.calendar,
    async newest() {
      const [newest] = await reader.page({
        start: null,
        end: null,
        where: [],
        signal,
        limit: 1,
        offset: 0,
      });
      return newest?.date.getTime() ?? null;
    },
    async count(span, groups) {
      await addStored(reader, { where, signal }, groups.shape, span, groups);
      return { span, isFromSums: false, isFromRecords: true, incomplete: new Set() };
    },
  };
}
