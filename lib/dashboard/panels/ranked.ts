import type { Dimension, Metric, UsageReport } from '../../storages/contract/usage-report.js';
import type { PanelContext } from './panel-context.js';
import type { AnyRow } from './metrics.js';

const FEW = 10;
const MANY = 500;

/** How many rows a panel shows. */
export function rowsOf({ state }: PanelContext, panel: string, few = FEW): number {
  return state.more === panel ? MANY : few;
}

/** The groups of a dimension in an order, with the span before. */
export function ranked(
  context: PanelContext,
  dimension: Dimension,
  metrics: readonly Metric[],
  orderBy: Metric,
  limit: number,
): Promise<UsageReport> {
  const { compare } = context;
  return context.report({
    metrics,
    dimensions: [dimension],
    orderBy: { [orderBy]: 'desc' },
    limit,
    ...(compare && { compare }),
  });
}

export interface Courses {
  readonly byGroup: ReadonlyMap<unknown, readonly (number | null)[]>;
  readonly report: UsageReport;
}

/** The course of the hits of each group, by its value. */
export async function courses(
  context: PanelContext,
  dimension: Dimension,
  limit: number,
): Promise<Courses> {
  const report = await context.report({
    metrics: ['hits'],
    dimensions: [dimension],
    interval: context.range.spark,
    limit,
  });
  const found = new Map<unknown, (number | null)[]>();
  for (const row of report.rows as AnyRow[]) {
    const course = found.get(row[dimension]) ?? [];
    course.push(row.hits ?? null);
    found.set(row[dimension], course);
  }
  return { byGroup: found, report };
}

/** The metric that a table is ordered by: what the address names, if the table has it. */
export function orderOf<M extends Metric>(
  { state }: PanelContext,
  panel: string,
  known: readonly M[],
  otherwise: M,
): M {
  const given = state.order[panel];
  return known.find((metric) => metric === given) ?? otherwise;
}
