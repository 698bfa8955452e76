import { createHash } from 'node:crypto';
import type { DeclaredRoute } from '../../../record/route-deprecation.js';

/** A declared route, and what is known of it since it was first stored. Instants in milliseconds. */
export interface NotedRoute {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | null;
  readonly host: string | null;
  readonly controller: string;
  readonly handler: string;
  readonly blueprint: string;
  readonly tracked: boolean;
  readonly deprecated: {
    readonly since: number | null;
    readonly sunset: number | null;
    readonly link: string | null;
  } | null;
  /** The release that brought it; null if the application named none. */
  readonly release: string | null;
  /** Since when it has been declared and tracked without a gap; null while it is not tracked. */
  readonly observedSince: number | null;
  /** Since when it has been deprecated; null while it is not. */
  readonly deprecatedSince: number | null;
  /** When a list was stored that lacks it; null if the one that was stored last has it. */
  readonly missingSince: number | null;
  /** The lists that have it, by their digests, the one that was stored last in front. */
  readonly lists: readonly string[];
}

/** All routes that a service has declared. */
export interface ServiceRoutes {
  readonly service: string | null;
  /** Digest of the list that was stored last. */
  readonly list: string;
  readonly routes: readonly NotedRoute[];
}

const VERSION = 1;
/** Lists that a route remembers: as many releases can serve at once. */
const LISTS = 16;

/** The name of a service's note. */
export function routeNoteName(service: string | null): string {
  return digest(JSON.stringify(service));
}

/** The digest of a list of routes. Processes of one release have the same. */
export function digestOfRoutes(routes: readonly DeclaredRoute[]): string {
  return digest(
    JSON.stringify(routes.map((route) => [...partsOf(route), route.tracked, route.deprecated])),
  );
}

/** Reads a note. Null: there is none, or a newer version wrote it. */
export function serviceRoutesOf(text: string | null): ServiceRoutes | null {
  if (text === null) return null;
  const { version, ...routes } = JSON.parse(text) as ServiceRoutes & { version: number };
  return version === VERSION ? routes : null;
}

/** Whether a newer version wrote the note, which is then left as it is. */
export function isNewerNote(text: string | null): boolean {
  return text !== null && (JSON.parse(text) as { version: number }).version > VERSION;
}

export function textOfServiceRoutes(routes: ServiceRoutes): string {
  return JSON.stringify({ version: VERSION, ...routes });
}

/** The known routes of a service with a list that is stored now. */
export function mergeRoutes(
  known: ServiceRoutes | null,
  stored: {
    readonly service: string | null;
    readonly release: string | null;
    readonly routes: readonly DeclaredRoute[];
    readonly at: number;
  },
): ServiceRoutes {
  const { service, release, at } = stored;
  const list = digestOfRoutes(stored.routes);
  const before = byKey(known?.routes ?? []);
  const declared = byKey(stored.routes);
  const routes = [...declared].map(([key, route]) =>
    merged(before.get(key), route, list, release, at),
  );
  for (const [key, route] of before)
    if (!declared.has(key)) routes.push({ ...route, missingSince: route.missingSince ?? at });
  return { service, list, routes };
}

function merged(
  known: NotedRoute | undefined,
  route: DeclaredRoute,
  list: string,
  release: string | null,
  at: number,
): NotedRoute {
  const { method, path, apiVersion, host, controller, handler, blueprint, tracked, deprecated } =
    route;
  const wasThere = known !== undefined && known.missingSince === null;
  return {
    method,
    path,
    apiVersion,
    host,
    controller,
    handler,
    blueprint,
    tracked,
    deprecated: deprecated && {
      since: deprecated.since?.getTime() ?? null,
      sunset: deprecated.sunset?.getTime() ?? null,
      link: deprecated.link,
    },
    release: known ? known.release : release,
    observedSince: tracked ? ((wasThere ? known.observedSince : null) ?? at) : null,
    deprecatedSince: deprecated ? (known?.deprecatedSince ?? at) : null,
    missingSince: null,
    lists: [list, ...(known?.lists ?? []).filter((each) => each !== list)].slice(0, LISTS),
  };
}

/** Tells routes apart: by their handlers too where a list has several of one method and path. */
function byKey<Route extends DeclaredParts>(routes: readonly Route[]): Map<string, Route> {
  const keyed = new Map<string, Route>();
  for (const route of routes) {
    const { method, path, apiVersion, host, controller, handler } = route;
    const key = JSON.stringify([method, path, apiVersion, host]);
    if (!keyed.has(key)) keyed.set(key, route);
    else keyed.set(JSON.stringify([method, path, apiVersion, host, controller, handler]), route);
  }
  return keyed;
}

type DeclaredParts = Pick<
  DeclaredRoute,
  'method' | 'path' | 'apiVersion' | 'host' | 'controller' | 'handler'
>;

function partsOf({ method, path, apiVersion, host, controller, handler }: DeclaredParts) {
  return [method, path, apiVersion, host, controller, handler];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
