import type { ComponentChildren, JSX } from 'preact';
import type { Column, Row } from '../../components/data-table.js';
import { rowLink } from '../../components/links.js';
import { Route, Text } from '../../components/names.js';
import type { ShownRoute } from '../../data/shown-review.js';
import type { PanelContext } from '../panel-context.js';

export const ROUTE_COLUMN: Column = { name: 'route', label: 'Route' };

/** A list of the panel, under its title and the number of what is in it. */
export function RouteList({
  title,
  of,
  none = 'None.',
  children,
}: {
  title: string;
  of: readonly unknown[];
  /** What stands there if there is nothing. */
  none?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section data-list={title}>
      <h3>
        {title} {of.length > 0 && <span class="muted">{of.length}</span>}
      </h3>
      {of.length === 0 ? <p class="empty">{none}</p> : children}
    </section>
  );
}

/** The beginning of a route's row, which names all that tells it from others. */
export function routeHead(route: ShownRoute): Pick<Row, 'key' | 'head'> {
  const { service, method, path, apiVersion, host, controller, handler } = route;
  return {
    key: JSON.stringify([service, method, path, apiVersion, host, controller, handler]),
    head: (
      <>
        <Route name={`${method} ${path}`} />
        {apiVersion !== null && (
          <span class="tag">
            v<Text of={apiVersion} longest={20} />
          </span>
        )}
        {host !== null && (
          <span class="tag">
            <Text of={host} longest={40} />
          </span>
        )}
      </>
    ),
  };
}

/** The link that shows the calls of a route. Those of all methods are no value to filter by. */
export function callsLink(context: PanelContext, { method, path }: ShownRoute) {
  return method === 'ALL' ? undefined : rowLink(context, 'route', `${method} ${path}`);
}

/** The last line of a table: how many rows it leaves out. */
export function footOf(list: readonly unknown[], limit: number, cells: number) {
  if (list.length <= limit) return null;
  return { head: `${list.length - limit} more`, cells: new Array<string>(cells).fill('') };
}
