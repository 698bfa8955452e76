import type { JSX } from 'preact';
import { DataTable } from '../../components/data-table.js';
import type { ShownReview } from '../../data/shown-review.js';
import type { PanelContext } from '../panel-context.js';
import { footOf, ROUTE_COLUMN, routeHead, RouteList } from './route-list.js';

/** The routes that nobody has called since they are watched. */
export function NeverCalled({
  context,
  review,
  limit,
}: {
  context: PanelContext;
  review: ShownReview;
  limit: number;
}): JSX.Element {
  const { neverCalled } = review;
  return (
    <RouteList title="Never called" of={neverCalled} none={unwatched(context, review)}>
      <DataTable
        name="deletable"
        label="Routes that were never called"
        columns={[ROUTE_COLUMN, { name: 'since', label: 'There since', isNumber: true }]}
        rows={neverCalled.slice(0, limit).map((route) => ({
          ...routeHead(route),
          cells: [route.observedSince && context.dates.day(route.observedSince)],
        }))}
        foot={footOf(neverCalled, limit, 1)}
      />
    </RouteList>
  );
}

/** Why nothing is said to be uncalled, where nothing has been watched for long enough. */
function unwatched({ dates }: PanelContext, { watchedSince, unusedSince }: ShownReview): string {
  if (watchedSince === null || watchedSince <= unusedSince) return 'None.';
  return `Routes are watched since ${dates.day(watchedSince)}. What nobody calls is listed after 90 days.`;
}
