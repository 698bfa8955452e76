import type { Metric, MetricValues } from '../../storages/contract/usage-report.js';

/** A row of a report whose names the compiler does not know. */
export type AnyRow = MetricValues & {
  readonly date?: Date;
  readonly partial?: true;
  readonly previous?: MetricValues;
} & Readonly<Record<string, unknown>>;

/** A row's values, or those before; undefined without a comparison. */
export type Values = MetricValues & { previous?: MetricValues };

/** A metric of a row. */
export function numberOf(values: MetricValues | undefined, metric: Metric): number | null {
  const value = values?.[metric];
  return typeof value === 'number' ? value : null;
}

/** The share of one count in another; null if there is nothing. */
export function shareOf(part: number | null, all: number | null): number | null {
  return part === null || !all ? null : part / all;
}
