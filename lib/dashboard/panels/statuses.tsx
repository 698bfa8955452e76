import { Advice } from '../components/advice.js';
import { RowName } from '../components/data-table.js';
import { Empty } from '../components/empty.js';
import { rowLink } from '../components/links.js';
import { Name } from '../components/names.js';
import { PanelNote } from '../components/panel-note.js';
import { MoreLink } from '../components/panel-parts.js';
import { linkTo, withFilter } from '../state/page-state.js';
import type { Filter } from '../state/filters.js';
import { filterValueOf } from '../state/filter-value.js';
import type { UsageReport } from '../../storages/contract/usage-report.js';
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
    const left = routes.slice(limit);
    const rest = restOf(
      left.map(([, route]) => route),
      report,
    );
    const hasOthers = rest.has(null) || routes.some(([, route]) => route.has(null));
    const shownColumns = hasOthers ? [...columns, null] : columns;
    return {
      note: (
        <PanelNote context={context} reports={[report]}>
          per cent of each route
        </PanelNote>
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
                {routes.slice(0, limit).map(([name, route]) => {
                  const link = rowLink(context, 'route', name as string | null);
                  return (
                    <tr key={String(name)} class={link?.isOn ? 'on' : undefined} data-row>
                      <th scope="row">
                        <RowName {...link}>
                          <Name dimension="route" of={name as string | null} />
                        </RowName>
                      </th>
                      {shownColumns.map((status) => (
                        <Cell
                          key={status as number}
                          status={status}
                          share={(route.get(status) ?? 0) / sumOf(route)}
                          href={cellLink(context, name, status)}
                        />
                      ))}
                    </tr>
                  );
                })}
              </tbody>
              {(left.length > 0 || report.rest) && (
                <tfoot>
                  <tr>
                    <th scope="row">{left.length > 0 ? `${left.length} more` : 'the rest'}</th>
                    {shownColumns.map((status) => (
                      <Cell
                        key={status as number}
                        status={status}
                        share={(rest.get(status) ?? 0) / sumOf(rest)}
                      />
                    ))}
                  </tr>
                </tfoot>
              )}
            </table>
          </div>
          <Advice context={context} needs={[{ dimensions: ['route', 'status'] }]} />
        </>
      ),
    };
  },
};

/** The statuses of the routes without a row. Those of pairs that the report has left out are unknown. */
function restOf(routes: readonly Map<unknown, number>[], { rest }: UsageReport) {
  const found = new Map<unknown, number>();
  const add = (status: unknown, hits: number) => found.set(status, (found.get(status) ?? 0) + hits);
  for (const route of routes) for (const [status, hits] of route) add(status, hits);
  if (rest) add(null, rest.hits ?? 0);
  return found;
}

function Cell({
  status,
  share,
  href,
}: {
  status: unknown;
  share: number;
  href?: string | undefined;
}) {
  if (share === 0) return <td class="heat" />;
  const value = share * 100;
  const text =
    value >= 9.95 ? value.toFixed(0) : value >= 0.95 ? value.toFixed(1) : value.toFixed(2);
  const tone = typeof status === 'number' ? `s${Math.floor(status / 100)}` : 's1';
  const classes = `heat ${tone} a${Math.max(1, Math.ceil(Math.sqrt(share) * SHADES))}`;
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
