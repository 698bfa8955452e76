import type { ListedRoute } from '../../reading/routes/usage-routes.js';
import type { NotedRoute } from '../../storages/base/routes/route-note.js';
import type { UsageRoute } from '../../reading/routes/usage-route.js';
import { CommandUsageError } from '../usage-error.js';
import { keyOf, type DeclaredFile, type FileRoute } from './declared-file.js';

/** The routes that the file of `--removed` has and the list that is stored now lacks. */
export function removedSince(
  { routes }: DeclaredFile,
  listed: readonly ListedRoute[],
): ListedRoute[] {
  if (routes === null)
    throw new CommandUsageError(
      "--removed: expected what 'routes --json' printed before the change; an OpenAPI document is " +
        'for --declared.',
    );
  const known = new Map(listed.map((each) => [keyOf(each.route), each]));
  return routes.flatMap((route) => {
    const found = known.get(keyOf(route));
    if (!found) return [unknownRoute(route)];
    return isDeclared(found) ? [] : [found];
  });
}

/** The routes that are declared now and that the file of `--declared` lacks. */
export function removedBy(file: DeclaredFile, listed: readonly ListedRoute[]): ListedRoute[] {
  const declared = listed.filter(isDeclared);
  const services = new Set(declared.map(({ route }) => route.service));
  // A list is about the services that are in it. A document names none.
  const own = file.routes && new Set(file.routes.map(({ service }) => service));
  if (!own && services.size > 1)
    throw new CommandUsageError(
      '--declared: an OpenAPI document is about one service, and several share the storage: say ' +
        `which one by --where service=NAME (${[...services].map((name) => name ?? '').join(', ')}).`,
    );
  return declared.filter(({ route }) => (own?.has(route.service) ?? true) && !file.has(route));
}

/** Whether the list that its service stored last has a route. */
function isDeclared({ noted }: ListedRoute): boolean {
  return noted.missingSince === null;
}

/** A route that the storage has never heard of: its calls are those of its name. */
function unknownRoute({
  service,
  method,
  path,
  apiVersion,
  host,
  handler,
}: FileRoute): ListedRoute {
  const shared = { method, path, apiVersion, host, controller: '', handler: handler ?? '' };
  const noted: NotedRoute = {
    ...{ ...shared, blueprint: '', tracked: true, deprecated: null, release: null },
    ...{ observedSince: null, deprecatedSince: null, missingSince: 0, lists: [] },
  };
  const route: UsageRoute = {
    ...{ ...shared, service, tracked: true, deprecated: null, hits: 0, errors: 0, consumers: 0 },
    ...{ firstSeen: null, lastSeen: null, observedSince: null, gone: null },
  };
  return { route, noted };
}
