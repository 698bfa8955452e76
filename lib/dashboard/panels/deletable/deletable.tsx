import type { ComponentChildren, JSX } from 'preact';
import type { ConsumerDescription } from '../dashboard-options.js';
import { DataTable, type Column, type Row } from '../components/data-table.js';
import { rowLink } from '../components/links.js';
import { Consumer, Route, Text } from '../components/names.js';
import { MoreLink } from '../components/panel-parts.js';
import { Value } from '../components/value.js';
import { count, percent } from '../format/numbers.js';
import { callsOf, isPastSunset } from '../../reading/routes/review-routes.js';
import { isCalled } from '../../reading/routes/route-callers.js';
import type { CalledRoute, RouteCaller, RouteReview } from '../../reading/routes/route-review.js';
import type { UsageRoute } from '../../reading/routes/usage-route.js';
import { whereOf } from '../state/filters.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { rowsOf } from './ranked.js';

const NAME = 'deletable';
const FEW = 6;
const FEW_CALLERS = 3;

type Names = ReadonlyMap<string, ConsumerDescription>;

/** Which routes can be deleted, and who stands in the way. */
export const deletable: Panel = {
  name: NAME,
  title: 'Routes to delete',
  size: 'row',
  async load(context) {
    const ofService = context.filters.filter(({ field }) => field === 'service');
    const where = whereOf(ofService);
    const { startDate, endDate } = context.range;
    const review = await context.reviewRoutes({ startDate, endDate, ...(where && { where }) });
    const { deprecated, neverCalled, goneQuiet, versions } = review;
    if (review.routes === 0)
      return {
        body: (
          <p class="empty">
            No application has told which routes it declares. This version does when it starts.
          </p>
        ),
      };
    const limit = rowsOf(context, NAME, FEW);
    const shown = deprecated.slice(0, limit);
    const names = await context.parts.names.of(
      shown.flatMap(({ callers }) => (callers ?? []).map(({ consumer }) => consumer)),
    );
    const isCut = [deprecated, neverCalled, goneQuiet].some((list) => list.length > limit);
    return {
      note: `of ${review.routes} that are declared and tracked; callers of the shown range, whatever the filters`,
      side: <MoreLink context={context} panel={NAME} rest={isCut} />,
      body: (
        <>
          <Section title="Never called" of={neverCalled} none={unwatched(context, review)}>
            <DataTable
              name="deletable"
              label="Routes that were never called"
              columns={[ROUTE, { name: 'since', label: 'There since', isNumber: true }]}
              rows={neverCalled.slice(0, limit).map((route) => ({
                ...headOf(route),
                cells: [route.observedSince && context.dates.day(route.observedSince)],
              }))}
              foot={footOf(neverCalled, limit, 1)}
            />
          </Section>
          <Section title="Gone quiet" of={goneQuiet} none="None.">
            <DataTable
              name="deletable"
              label="Routes that have gone quiet"
              columns={[
                ROUTE,
                { name: 'hits', label: 'Hits', isNumber: true },
                { name: 'lastSeen', label: 'Last call', isNumber: true },
              ]}
              rows={goneQuiet.slice(0, limit).map((route) => ({
                ...headOf(route),
                ...linkOf(context, route),
                cells: [
                  <Value key="hits" of={route.hits} as={count} />,
                  route.lastSeen && context.dates.ago(route.lastSeen),
                ],
              }))}
              foot={footOf(goneQuiet, limit, 2)}
            />
          </Section>
          <Section title="Deprecated" of={deprecated} none="None.">
            <DataTable
              name="deletable"
              label="Deprecated routes and their callers"
              columns={[
                ROUTE,
                { name: 'sunset', label: 'Sunset', isNumber: true },
                { name: 'calls', label: 'Calls', isNumber: true },
                { name: 'callers', label: 'Callers' },
              ]}
              rows={shown.map((route) => ({
                ...headOf(route),
                ...linkOf(context, route),
                cells: [
                  <Sunset key="sunset" context={context} route={route} />,
                  <Value key="calls" of={route.callers && callsOf(route.callers)} as={count} />,
                  <Callers key="callers" context={context} route={route} names={names} />,
                ],
              }))}
              foot={footOf(deprecated, limit, 3)}
            />
          </Section>
          {versions !== null && versions.length > 0 && (
            <Section title="Versions by share of calls" of={versions} none="">
              <DataTable
                name="deletable"
                label="Versions of the API by their share of calls"
                columns={[
                  { name: 'version', label: 'Version' },
                  { name: 'share', label: 'Share', isNumber: true },
                  { name: 'hits', label: 'Calls', isNumber: true },
                  { name: 'routes', label: 'Routes', isNumber: true },
                  { name: 'lastSeen', label: 'Last call', isNumber: true },
                ]}
                rows={versions.map(({ service, apiVersion, share, hits, routes, lastSeen }) => ({
                  key: `${service} ${apiVersion}`,
                  head: (
                    <>
                      {service !== null && (
                        <>
                          <Text of={service} longest={40} />{' '}
                        </>
                      )}
                      {apiVersion === null ? <i>none</i> : <Text of={apiVersion} longest={40} />}
                    </>
                  ),
                  ...(hits > 0 && rowLink(context, 'apiVersion', apiVersion)),
                  share: share ?? 0,
                  cells: [
                    <Value key="share" of={share} as={percent} />,
                    <Value key="hits" of={hits} as={count} />,
                    <Value key="routes" of={routes} as={count} />,
                    lastSeen ? context.dates.ago(lastSeen) : <i>never</i>,
                  ],
                }))}
              />
            </Section>
          )}
        </>
      ),
    };
  },
};

const ROUTE: Column = { name: 'route', label: 'Route' };

function Section({
  title,
  of,
  none,
  children,
}: {
  title: string;
  of: readonly unknown[];
  none: string;
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

function headOf(route: UsageRoute): Pick<Row, 'key' | 'head'> {
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
function linkOf(context: PanelContext, { method, path }: UsageRoute) {
  return method === 'ALL' ? undefined : rowLink(context, 'route', `${method} ${path}`);
}

function footOf(list: readonly unknown[], limit: number, cells: number) {
  if (list.length <= limit) return null;
  return { head: `${list.length - limit} more`, cells: new Array<string>(cells).fill('') };
}

/** Why nothing is said to be uncalled, where nothing has been watched for long enough. */
function unwatched({ dates }: PanelContext, { watchedSince, unusedSince }: RouteReview): string {
  if (watchedSince === null || watchedSince <= unusedSince) return 'None.';
  return `Routes are watched since ${dates.day(watchedSince)}. What nobody calls is listed after 90 days.`;
}

function Sunset({ context, route }: { context: PanelContext; route: CalledRoute }): JSX.Element {
  const sunset = route.deprecated?.sunset;
  if (!sunset) return <span class="muted">–</span>;
  const day = context.dates.day(sunset);
  const isLate = isPastSunset(route) && isCalled(route);
  return isLate ? <span class="warn">past its sunset {day}</span> : <>{day}</>;
}

function Callers({
  context,
  route,
  names,
}: {
  context: PanelContext;
  route: CalledRoute;
  names: Names;
}): JSX.Element {
  const { callers } = route;
  if (callers === null) return <i>their records are gone</i>;
  if (callers.length === 0) return <i>nobody</i>;
  const shown = context.state.more === NAME ? callers : callers.slice(0, FEW_CALLERS);
  return (
    <ul class="callers">
      {shown.map((caller) => (
        <li key={JSON.stringify([caller.consumer, caller.client, caller.version])}>
          <Caller context={context} caller={caller} names={names} />
        </li>
      ))}
      {callers.length > shown.length && <li class="muted">{callers.length - shown.length} more</li>}
    </ul>
  );
}

function Caller({
  context,
  caller,
  names,
}: {
  context: PanelContext;
  caller: RouteCaller;
  names: Names;
}): JSX.Element {
  const { visible } = context.parts;
  const client = [caller.client, caller.version].filter((each) => each !== null).join(' ');
  return (
    <>
      {!visible.hides('consumer') && <Consumer id={caller.consumer} names={names} />}{' '}
      {client !== '' && !visible.hides('client') && (
        <span class="muted">
          <Text of={client} longest={60} />
        </span>
      )}{' '}
      <Value of={caller.hits} as={count} />
      {caller.lastSeen && <span class="muted"> {context.dates.ago(caller.lastSeen)}</span>}
    </>
  );
}
