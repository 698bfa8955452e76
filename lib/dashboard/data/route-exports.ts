import { csvLine } from './csv.js';
import { hidesOfReview, type ShownReview, type ShownRoute } from './shown-review.js';
import type { Visibility } from './visibility.js';

const COLUMNS = [
  ...['list', 'service', 'method', 'path', 'apiVersion', 'host', 'controller', 'handler'],
  ...['since', 'sunset', 'hits', 'errors', 'firstSeen', 'lastSeen', 'observedSince'],
];
const CALLER = ['consumer', 'client', 'version', 'calls', 'lastCall'];

/** A review's routes as CSV: a line for each, and of deprecated ones for each caller. */
export function reviewCsv(review: ShownReview, visible: Visibility): string {
  const columns = [...COLUMNS, ...CALLER].filter((name) => !hidesOfReview(visible, name));
  const line = (list: string, route: ShownRoute, caller: object = {}) => {
    const { deprecated } = route;
    const { since, sunset } = deprecated ?? {};
    const values: Readonly<Record<string, unknown>> = { ...route, list, since, sunset, ...caller };
    return csvLine(columns.map((name) => values[name]));
  };
  const late = new Set(review.pastSunset);
  const lines = [
    ...review.neverCalled.map((route) => line('never called', route)),
    ...review.goneQuiet.map((route) => line('gone quiet', route)),
    ...(review.deprecated ?? []).flatMap((route) => {
      const list = late.has(route) ? 'past its sunset' : 'deprecated';
      if (!route.callers?.length) return [line(list, route)];
      return route.callers.map(({ hits: calls, lastSeen: lastCall, ...caller }) =>
        line(list, route, { ...caller, calls, lastCall }),
      );
    }),
  ];
  return csvLine(columns) + lines.join('');
}
