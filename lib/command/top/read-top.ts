import type { UsageReader } from '../../reading/usage-reader.js';
import type { Metric, ReportRow } from '../../storages/contract/usage-report.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';

/** What the lists can be sorted by. */
export const SORTS = ['hits', 'errorRate', 'p95', 'transfer'] as const satisfies readonly Metric[];

const METRICS = ['hits', 'errorRate', 'p95', 'transfer'] as const;
/** Rows of a list that are read: more than a screen shows. */
const MOST_ROWS = 40;

/** What is looked at. */
export interface TopQuery {
  readonly last: string;
  readonly where: UsageWhere;
  readonly sort: (typeof SORTS)[number];
}

type Row = ReportRow<(typeof METRICS)[number]>;

/** What a screen shows. */
export interface TopData {
  readonly date: Date;
  readonly totals: Row & { readonly consumers?: number };
  /** Requests a minute or an hour, oldest first. */
  readonly course: readonly number[];
  readonly routes: readonly Row[];
  readonly consumers: readonly Row[];
  readonly clients: readonly Row[];
  readonly errors: readonly Row[];
}

/** Reads what goes on. */
export async function readTop(
  reader: UsageReader,
  { last, where, sort }: TopQuery,
  signal: AbortSignal,
): Promise<TopData> {
  const span = { last, where, signal };
  const list = (dimension: string) =>
    reader.report({
      ...span,
      metrics: METRICS,
      dimensions: [dimension],
      orderBy: { [sort]: 'desc' },
      limit: MOST_ROWS,
    });
  // One after the other: a screen is no reason to take the database for itself.
  const routes = await list('route');
  const consumers = await list('consumer');
  const clients = await list('client');
  const errors = await reader.report({
    ...span,
    where: { ...where, status: where.status ?? { gte: 400 } },
    metrics: ['hits', 'lastSeen'],
    dimensions: ['status', 'route'],
    limit: MOST_ROWS,
  });
  const interval = /^\d{1,2}m$|^[1-3]h$/.test(last) ? 'minute' : 'hour';
  const course = await reader.report({ ...span, interval });
  return {
    date: new Date(),
    totals: routes.totals as Row,
    course: course.rows.map(({ hits }) => hits),
    routes: routes.rows as unknown as Row[],
    consumers: consumers.rows as unknown as Row[],
    clients: clients.rows as unknown as Row[],
    errors: errors.rows as unknown as Row[],
  };
}
