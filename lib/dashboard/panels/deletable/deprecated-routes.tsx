import type { JSX } from 'preact';
import { DataTable } from '../../components/data-table.js';
import { Value } from '../../components/value.js';
import type { ShownCalledRoute } from '../../data/shown-review.js';
import { count } from '../../format/numbers.js';
import { callsOf } from '../../../reading/routes/review-routes.js';
import type { PanelContext } from '../panel-context.js';
import { Callers, type CallersProps } from './callers.js';
import { callsLink, footOf, ROUTE_COLUMN, routeHead, RouteList } from './route-list.js';

/** The deprecated routes, until when they are there, and who still calls them. */
export function DeprecatedRoutes({
  context,
  routes,
  late,
  limit,
  names,
  isWhole,
}: {
  context: PanelContext;
  routes: readonly ShownCalledRoute[];
  /** Those that are called although they should be gone. */
  late: readonly ShownCalledRoute[];
  limit: number;
} & Pick<CallersProps, 'names' | 'isWhole'>): JSX.Element {
  return (
    <RouteList title="Deprecated" of={routes}>
      <DataTable
        name="deletable"
        label="Deprecated routes and their callers"
        columns={[
          ROUTE_COLUMN,
          { name: 'sunset', label: 'Sunset', isNumber: true, isMinor: true },
          { name: 'calls', label: 'Calls', isNumber: true },
          { name: 'callers', label: 'Callers', isMinor: true },
        ]}
        rows={routes.slice(0, limit).map((route) => ({
          ...routeHead(route),
          ...callsLink(context, route),
          cells: [
            <Sunset key="sunset" context={context} route={route} isLate={late.includes(route)} />,
            <Value
              key="calls"
              of={route.callers && callsOf(route.callers)}
              as={count}
              isEstimate={context.parts.source.isSampled}
            />,
            <Callers
              key="callers"
              context={context}
              callers={route.callers}
              names={names}
              isWhole={isWhole}
            />,
          ],
        }))}
        foot={footOf(routes, limit, 3)}
      />
    </RouteList>
  );
}

function Sunset({
  context,
  route,
  isLate,
}: {
  context: PanelContext;
  route: ShownCalledRoute;
  isLate: boolean;
}): JSX.Element {
  const sunset = route.deprecated?.sunset;
  if (!sunset) return <span class="muted">–</span>;
  const day = context.dates.day(sunset);
  return isLate ? <span class="warn">past its sunset {day}</span> : <>{day}</>;
}
