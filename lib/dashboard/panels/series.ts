import type { Metric, UsageReport } from '../../storages/contract/usage-report.js';
import type { PanelContext } from './panel-context.js';

/** The metrics of the charts over time. */
export const SERIES_METRICS: readonly Metric[] = [
  'hits',
  'errors',
  'refused',
  'aborted',
  'errorRate',
  'refusedRate',
  'transfer',
  'p50',
  'p95',
  'p99',
];

/** All requests of the range in buckets, which the tiles and both charts show. */
export function seriesOf(context: PanelContext): Promise<UsageReport> {
  const { compare, range, parts } = context;
  return context.report({
    metrics: parts.visible.metrics(SERIES_METRICS),
    interval: range.interval,
    ...(compare && { compare }),
  });
}

/** The same by status. */
export function statusSeriesOf(context: PanelContext): Promise<UsageReport> {
  return context.report({
    metrics: ['hits'],
    dimensions: ['status'],
    interval: context.range.interval,
    limit: 1000,
  });
}

/** The distinct consumers of the range. */
export function consumersOf(context: PanelContext): Promise<UsageReport> {
  const { compare, range } = context;
  return context.report({
    metrics: ['consumers'],
    interval: range.interval,
    ...(compare && { compare }),
  });
}
