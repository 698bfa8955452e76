import type { Dimension, Metric, UsageReport } from '../../storages/contract/usage-report.js';
import type { Point } from '../charts/line-paths.js';
import type { PanelContext } from './panel-context.js';
import { numberOf, type AnyRow, type Values } from './metrics.js';

const FEW = 10;
const MANY = 500;

/** How many rows a panel shows. */
export function rowsOf({ state }: PanelContext, panel: string, few = FEW): number {
  return state.more === panel ? MANY : few;
}

/**
 * The groups of a dimension in an order, with the span before. If nobody called in that, it says
 * nothing of a group.
 */
export async function ranked(
  context: PanelContext,
  dimension: Dimension,
  metrics: readonly Metric[],
  orderBy: Metric,
  limit: number,
): Promise<UsageReport> {
  const { compare } = context;
  const report = await context.report({
    metrics,
    dimensions: [dimension],
    orderBy: { [orderBy]: 'desc' },
    limit,
    ...(compare && { compare }),
  });
  if (hasBefore(report)) return report;
  return { ...report, rows: report.rows.map(alone), rest: report.rest && alone(report.rest) };
}

/** Whether anybody called in the span before. */
export function hasBefore({ totals }: UsageReport): boolean {
  return numberOf(totals.previous, 'hits') !== 0;
}

function alone<V extends Values>({ previous: _, ...values }: V): Omit<V, 'previous'> {
  return values;
}

export interface Courses {
  readonly byGroup: ReadonlyMap<unknown, readonly Point[]>;
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
  const found = new Map<unknown, Point[]>();
  for (const row of report.rows as AnyRow[]) {
    const course = found.get(row[dimension]) ?? [];
    course.push({ value: row.hits ?? null, isPartial: row.partial === true });
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
