import type { Metric, ReportInterval } from '../../storages/contract/usage-report.js';
import type { PanelExport } from './panel.js';
import type { PanelContext } from './panel-context.js';

const MOST_GROUPS = 10_000;
/** Groups with buckets: a report has at most a million rows. */
const MOST_COURSES = 1000;

/** The data of a panel as the page shows it: with the comparison, but all of its groups. */
export function exported(
  { compare, parts }: PanelContext,
  label: string,
  dimensions: readonly string[],
  metrics: readonly Metric[],
  interval?: ReportInterval,
): PanelExport {
  return {
    label,
    query: {
      metrics: parts.visible.metrics(metrics),
      ...(dimensions.length > 0 && {
        dimensions,
        limit: interval ? MOST_COURSES : MOST_GROUPS,
      }),
      ...(interval && { interval }),
      ...(compare && { compare }),
    },
  };
}
