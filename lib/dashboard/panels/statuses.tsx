import { Advice } from '../components/advice.js';
import { Empty } from '../components/empty.js';
import { rowLink } from '../components/links.js';
import { Name } from '../components/names.js';
import { MoreLink, SourceNote } from '../components/panel-parts.js';
import { linkTo, withFilter } from '../state/page-state.js';
import type { Filter } from '../state/filters.js';
import { filterValueOf } from '../state/filter-value.js';
import { exported } from './exported.js';
import type { AnyRow } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { rowsOf } from './ranked.js';

const NAME = 'statuses';
const FEW = 8;
const COLUMNS = 9;
const SHADES = 10;

/** Which statuses each route answers with, in per cent of the route. */
export const statuses: Panel = {
  name: NAME,
  title: 'Status by route',
  size: 'row',
  exports: (context) => [exported(context, 'Status by route', ['route', 'status'], ['hits'])],
  async load(context) {
    const report = await context.report({
      metrics: ['hits'],
      dimensions: ['route', 'status'],
      limit: 10_000,
    });
    const rows = report.rows as AnyRow[];
    if (rows.length === 0) return { body: <Empty context={context} /> };
    const columns = columnsOf(rows);
    const byRoute = new Map<unknown, Map<unknown, number>>();
    for (const row of rows) {
      const route = byRoute.get(row['route']) ?? new Map<unknown, number>();
      byRoute.set(row['route'], route);
      const status = columns.includes(row['status']) ? row['status'] : null;
      route.set(status, (route.get(status) ?? 0) + (row.hits ?? 0));
    }
    const sumOf = (route: Map<unknown, number>) => [...route.values()].reduce((a, b) => a + b, 0);
    const routes = [...byRoute].sort(([, one], [, other]) => sumOf(other) - sumOf(one));
    const limit = rowsOf(context, NAME, FEW);
    const hasOthers = routes.some(([, route]) => route.has(null));
    const shownColumns = hasOthers ? [...columns, null] : columns;
    return {
      note: (
        <>
          per cent of each route <SourceNote context={context} report={report} />
        </>
      ),
      side: <MoreLink context={context} panel={NAME} rest={routes.length > limit} />,
      body: (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Status by route, table">
            <table class="matrix">
              <thead>
                <tr>
                  <td />
                  {shownColumns.map((status) => (
                    <th key={status as number} scope="col">
                      {status === null ? 'others' : (status as number)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {routes.slice(0, limit).map(([name, route]) => (
                  <tr key={String(name)} data-row>
                    <th scope="row">
                      <a class="name" href={rowLink(context, 'route', name as string | null)?.href}>
                        <Name dimension="route" of={name as string | null} />
                      </a>
                    </th>
                    {shownColumns.map((status) => (
                      <Cell
                        key={status as number}
                        context={context}
                        route={name}
                        status={status}
                        share={(route.get(status) ?? 0) / sumOf(route)}
                      />
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Advice context={context} dimensions={['route', 'status']} />
        </>
      ),
    };
  },
};

function Cell({
  context,
  route,
  status,
  share,
}: {
  context: PanelContext;
  route: unknown;
  status: unknown;
  share: number;
}) {
  if (share === 0) return <td class="heat" />;
  const value = share * 100;
  const text =
    value >= 9.95 ? value.toFixed(0) : value >= 0.95 ? value.toFixed(1) : value.toFixed(2);
  const tone = typeof status === 'number' ? `s${Math.floor(status / 100)}` : 's1';
  const classes = `heat ${tone} a${Math.max(1, Math.ceil(Math.sqrt(share) * SHADES))}`;
  const href = cellLink(context, route, status);
  return (
    <td class={classes}>
      <data value={String(share)}>{href === undefined ? text : <a href={href}>{text}</a>}</data>
    </td>
  );
}

/** Filters by both the route and the status. */
function cellLink({ state }: PanelContext, route: unknown, status: unknown): string | undefined {
  const name = filterValueOf(route as string | null);
  if (name === undefined || typeof status !== 'number') return undefined;
  const added: Filter[] = [
    { field: 'route', operator: 'is', values: [name] },
    { field: 'status', operator: 'is', values: [status] },
  ];
  return linkTo(state, { filters: added.reduce(withFilter, state.filters) });
}

/** The most frequent statuses, in their order. */
function columnsOf(rows: readonly AnyRow[]): unknown[] {
  const hits = new Map<unknown, number>();
  for (const row of rows) hits.set(row['status'], (hits.get(row['status']) ?? 0) + (row.hits ?? 0));
  return [...hits]
    .filter(([status]) => typeof status === 'number')
    .sort(([, one], [, other]) => other - one)
    .slice(0, COLUMNS)
    .map(([status]) => status)
    .sort((one, other) => Number(one) - Number(other));
}
