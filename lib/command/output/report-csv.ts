import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import { csvLine } from './csv.js';

/** The rows of a report as CSV, with their names in the first line. */
export function reportCsv(query: ReportQuery, { rows }: UsageReport): string {
  const { dimensions = [], metrics = ['hits'], interval, compare } = query;
  const names = [...dimensions, ...(interval ? ['date'] : []), ...metrics];
  const titles = [...names, ...(compare ? metrics.map((metric) => `previous.${metric}`) : [])];
  const lines = rows.map((row: Record<string, unknown>) => {
    const before = row['previous'] as Record<string, unknown> | undefined;
    const values = names.map((name) => row[name]);
    return csvLine([...values, ...(compare ? metrics.map((metric) => before?.[metric]) : [])]);
  });
  return csvLine(titles) + lines.join('');
}
