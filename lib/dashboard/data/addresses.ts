import type { ReportQuery } from '../../storages/contract/usage-report.js';

/** What of a question stands in the address of its data beside range and filters. */
export type ExportedQuery = Pick<
  ReportQuery,
  'metrics' | 'dimensions' | 'interval' | 'compare' | 'limit'
>;

/** The parameters of a question, as `reportQuery` reads them. */
export function reportAddress(query: ExportedQuery): URLSearchParams {
  const { metrics, dimensions, interval, compare, limit } = query;
  const given = {
    metrics: metrics?.join(','),
    dimensions: dimensions?.join(','),
    interval,
    compare,
    limit: limit?.toString(),
  };
  return new URLSearchParams(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
