import type { RouteReview } from '../../reading/routes/route-review.js';
import type { UsageRoute } from '../../reading/routes/usage-route.js';
import { csvLine } from './csv.js';
import type { Visibility } from './visibility.js';

const COLUMNS = [
  ...['list', 'service', 'method', 'path', 'apiVersion', 'host', 'controller', 'handler'],
  ...['since', 'sunset', 'hits', 'errors', 'firstSeen', 'lastSeen', 'observedSince'],
];
const CALLER = ['consumer', 'client', 'version', 'calls', 'lastCall'];
/** The dimension that tells a caller's field. */
const DIMENSIONS: Readonly<Record<string, string>> = {
  consumer: 'consumer',
  client: 'client',
  version: 'client',
};

/** The report without what is hidden. */
export function shownReview(review: RouteReview, visible: Visibility): object {
  return JSON.parse(
    JSON.stringify(review, (key, value: unknown) => {
      if (key === 'consumers' && visible.hidesMetric(key)) return undefined;
      const dimension = DIMENSIONS[key];
      return dimension !== undefined && visible.hides(dimension) ? undefined : value;
    }),
  ) as object;
}

/** The report's routes as CSV: a line for each, and of deprecated ones for each caller. */
export function reviewCsv(review: RouteReview, visible: Visibility): string {
  const shown = CALLER.filter((name) => !visible.hides(DIMENSIONS[name] ?? name));
  const plain = (list: string, route: UsageRoute, caller: readonly unknown[] = []) =>
    csvLine([
      ...[list, route.service, route.method, route.path, route.apiVersion, route.host],
      ...[route.controller, route.handler, route.deprecated?.since, route.deprecated?.sunset],
      ...[route.hits, route.errors, route.firstSeen, route.lastSeen, route.observedSince],
      ...(caller.length > 0 ? caller : shown.map(() => null)),
    ]);
  const lines = [
    ...review.neverCalled.map((route) => plain('never called', route)),
    ...review.goneQuiet.map((route) => plain('gone quiet', route)),
    ...review.deprecated.flatMap((route) => {
      const list = review.pastSunset.includes(route) ? 'past its sunset' : 'deprecated';
      if (!route.callers?.length) return [plain(list, route)];
      return route.callers.map(({ consumer, client, version, hits, lastSeen }) => {
        const values: Record<string, unknown> = {
          ...{ consumer, client, version },
          ...{ calls: hits, lastCall: lastSeen },
        };
        return plain(
          list,
          route,
          shown.map((name) => values[name]),
        );
      });
    }),
  ];
  return csvLine([...COLUMNS, ...shown]) + lines.join('');
}
