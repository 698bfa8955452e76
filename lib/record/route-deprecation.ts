/**
 * That a route is deprecated, and what callers are told of it.
 *
 * @publicApi
 */
export interface RouteDeprecation {
  /** Since when; null if it was not given. */
  readonly since: Date | null;
  /** When the route stops answering; null if it was not given. */
  readonly sunset: Date | null;
  /** Address of a page on what to use instead; null if it was not given. */
  readonly link: string | null;
}

/** They ask what a resource is or allows, and call no handler but their own. */
export const NO_CALLS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

/** A route that the application declares, as its process knows it. */
export interface DeclaredRoute {
  /** `GET`, or `ALL` for `@All()`. */
  readonly method: string;
  /** The pattern with the global prefix, the module's path and the version in a URI. */
  readonly path: string;
  /** As declared; null without one, or if the route is neutral. */
  readonly apiVersion: string | null;
  /** The host of the controller, several joined by `, `; null without one. */
  readonly host: string | null;
  /** The controller's class. */
  readonly controller: string;
  /** The method's name. */
  readonly handler: string;
  /** `record.blueprint` of its requests. */
  readonly blueprint: string;
  readonly tracked: boolean;
  /** Names of the storages that receive its records. Null: all. */
  readonly storages: readonly string[] | null;
  readonly deprecated: RouteDeprecation | null;
}
