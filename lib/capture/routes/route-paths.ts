import type { RequestMethod, VersioningOptions } from '@nestjs/common';

/** What the application's routes have in common. */
export interface RouteConfig {
  /** With a slash in front; empty if there is none. */
  readonly globalPrefix: string;
  readonly versioning: VersioningOptions | undefined;
}

/** Makes the paths of a route, as the application's own version of Nest does. */
export interface RoutePaths {
  create(route: object, method: RequestMethod): string[];
}
