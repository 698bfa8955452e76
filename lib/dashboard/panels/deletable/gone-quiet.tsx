import type { JSX } from 'preact';
import { DataTable } from '../../components/data-table.js';
import { Value } from '../../components/value.js';
import type { ShownRoute } from '../../data/shown-review.js';
import { count } from '../../format/numbers.js';
import type { PanelContext } from '../panel-context.js';
import { callsLink, footOf, ROUTE_COLUMN, routeHead, RouteList } from './route-list.js';

/** The routes whose last call is long ago. */
export function GoneQuiet({
  context,
  routes,
  limit,
}: {
  context: PanelContext;
  routes: readonly ShownRoute[];
  limit: number;
}): JSX.Element {
  return (
    <RouteList title="Gone quiet" of={routes}>
      <DataTable
        name="deletable"
        label="Routes that have gone quiet"
        columns={[
          ROUTE_COLUMN,
          { name: 'hits', label: 'Hits', isNumber: true },
          { name: 'lastSeen', label: 'Last call', isNumber: true },
        ]}
        rows={routes.slice(0, limit).map((route) => ({
          ...routeHead(route),
          ...callsLink(context, route),
          cells: [
            <Value
              key="hits"
              of={route.hits}
              as={count}
              isEstimate={context.parts.source.isSampled}
            />,
            route.lastSeen && context.dates.ago(route.lastSeen),
          ],
        }))}
        foot={footOf(routes, limit, 2)}
      />
    </RouteList>
  );
}
