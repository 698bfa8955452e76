import type { ReportQuery, UsageReport, UsageStorage } from 'nestjs-track-usage';
import type { BaseStorageParts, SumScanQuery } from '../../lib/storages/base/base-storage.js';
import { parseReportQuery } from '../../lib/storages/base/report/parse-report-query.js';
import { runReport } from '../../lib/storages/base/report/run-report.js';
import { storedSource } from '../../lib/storages/base/report/stored-source.js';

/** A reading of sums. What is asked for depends on how it is read. */
export type SumReading = 'page' | 'scan' | 'totals';
export type AskedSums = Pick<SumScanQuery, 'dimension' | 'period'> & Partial<SumScanQuery>;

/** The parts of an open storage. */
export function partsOf(storage: UsageStorage): BaseStorageParts {
  return (storage as unknown as { use(): BaseStorageParts }).use();
}

/** The parts of an open storage of which each reading of sums is told first. */
export function partsWhere(
  storage: UsageStorage,
  happens: (reading: SumReading, query: AskedSums) => Promise<unknown> | void,
): BaseStorageParts {
  const parts = partsOf(storage);
  const { sums } = parts;
  return {
    ...parts,
    sums: {
      isMadeOfHours: sums.isMadeOfHours,
      isSequential: sums.isSequential,
      readsLatencyLate: sums.readsLatencyLate,
      tellsTotal: sums.tellsTotal,
      unmeasured: sums.unmeasured && ((query) => sums.unmeasured!(query)),
      async page(query) {
        await happens('page', query);
        return sums.page(query);
      },
      async *scan(query) {
        await happens('scan', query);
        yield* sums.scan(query);
      },
      async totals(query) {
        await happens('totals', query);
        return sums.totals(query);
      },
    },
  };
}

/** The report of some parts. */
export function reported(parts: BaseStorageParts, asked: ReportQuery): Promise<UsageReport> {
  const query = parseReportQuery(asked);
  return runReport(query, storedSource(parts, query, null));
}
