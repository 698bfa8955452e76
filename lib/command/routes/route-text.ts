import type { CalledRoute } from '../../reading/routes/route-review.js';
import { isPastSunset } from '../../reading/routes/review-routes.js';
import type { UsageRoute } from '../../reading/routes/usage-route.js';
import { tableLines, type TableCell, type TableColumn } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { shownDate, shownNumber } from '../output/units.js';

/** How routes are shown. */
export interface RouteView {
  /** What the counts are of: all that is stored, or a span. */
  readonly counts: 'all' | 'span';
  /** Whether what is shown is unused. */
  readonly isUnused: boolean;
  readonly timeZone: string;
  readonly terminal: Terminal;
}

const left = (title: string, isCut = false): TableColumn => ({ title, align: 'left', isCut });
const right = (title: string): TableColumn => ({ title, align: 'right' });

/** A table of routes with their calls, and how many there are. */
export function routeLines(routes: readonly UsageRoute[], view: RouteView): string[] {
  if (routes.length === 0) return ['No such route.'];
  const names = nameColumns(routes);
  const columns = [
    ...names.columns,
    ...['hits', 'errors', 'consumers', 'last call'].map(right),
    left('state'),
  ];
  const rows = routes.map((route): TableCell[] => [
    ...names.cells(route),
    ...(route.tracked
      ? [shownNumber(route.hits), shownNumber(route.errors), count(route.consumers)]
      : ['-', '-', '-']),
    day(route.lastSeen, view),
    stateOf(route, view),
  ]);
  const noun = routes.length === 1 ? 'route' : 'routes';
  return [...tableLines(columns, rows, view.terminal), '', `${shownNumber(routes.length)} ${noun}`];
}

/** A table of routes with everybody who calls them. */
export function callerLines(routes: readonly CalledRoute[], view: RouteView): string[] {
  if (routes.length === 0) return ['No such route.'];
  const names = nameColumns(routes);
  const columns = [
    ...names.columns,
    left('state'),
    ...['caller', 'client', 'version'].map((title) => left(title, true)),
    right('hits'),
    right('last call'),
  ];
  const rows = routes.flatMap((route): TableCell[][] => {
    const head = [...names.cells(route), stateOf(route, view)];
    const blank = head.map(() => '');
    if (route.callers === null) return [[...head, { shown: '(records are gone)' }, '', '', '', '']];
    if (route.callers.length === 0) return [[...head, { shown: '(nobody)' }, '', '', '', '']];
    return route.callers.map(({ consumer, client, version, hits, lastSeen }, at) => [
      ...(at === 0 ? head : blank),
      consumer ?? '(none)',
      client ?? '(none)',
      version ?? '-',
      shownNumber(hits),
      day(lastSeen, view),
    ]);
  });
  return tableLines(columns, rows, view.terminal);
}

/** What a route is to whoever wants to delete it, in the words of the report. */
export function stateOf(route: UsageRoute, view: RouteView): string {
  const { gone, tracked, deprecated, hits, observedSince } = route;
  const sunset = deprecated?.sunset ?? null;
  const parts = [
    ...(gone ? [`gone since ${day(gone, view)}`] : []),
    ...(tracked ? [] : ['not tracked']),
    ...(deprecated && sunset === null ? ['deprecated'] : []),
    ...(deprecated && sunset !== null
      ? [
          isPastSunset(route)
            ? `past its sunset ${day(sunset, view)}`
            : `deprecated, sunset ${day(sunset, view)}`,
        ]
      : []),
    ...(view.isUnused && hits > 0 ? ['gone quiet'] : []),
    ...(hits === 0 && tracked && observedSince && !gone ? [uncalled(observedSince, view)] : []),
  ];
  return parts.join(', ');
}

function uncalled(observedSince: Date, view: RouteView): string {
  const since = day(observedSince, view);
  return view.counts === 'all' ? `never called since ${since}` : `not called, there since ${since}`;
}

/** The columns that name routes: the service, the version and the host where there are some. */
function nameColumns(routes: readonly UsageRoute[]) {
  const optional = (
    [
      ['service', (route: UsageRoute) => route.service],
      ['api', (route: UsageRoute) => route.apiVersion],
      ['host', (route: UsageRoute) => route.host],
    ] as const
  ).filter(([, read]) => routes.some((route) => read(route) !== null));
  return {
    columns: [left('route', true), ...optional.map(([title]) => left(title))],
    cells: (route: UsageRoute): string[] => [
      `${route.method} ${route.path}`,
      ...optional.map(([, read]) => read(route) ?? '-'),
    ],
  };
}

function count(value: number | null): string {
  return value === null ? '?' : shownNumber(value);
}

function day(date: Date | null, { timeZone }: RouteView): string {
  return date === null ? '-' : shownDate(date, timeZone).slice(0, 10);
}
