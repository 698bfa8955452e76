import { RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { DeclaredRoute } from '../../record/route-deprecation.js';
import type { RouteConfig, RoutePaths } from './route-paths.js';
import type { TrackingRule, TrackingRules } from '../tracking-rules.js';
import type { RouteNotice } from './route-notice.js';

// The metadata keys of Nest's decorators of controllers, handlers and modules.
const PATH = 'path';
const METHOD = 'method';
const HOST = 'host';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

/** A declared route with its notice, which learns since when a storage knows it. */
export interface FoundRoute extends DeclaredRoute {
  readonly notice: RouteNotice | null;
}

/** What is known of the application's routes once they are registered. */
export interface RegisteredRoutes {
  readonly modules: ModulesContainer;
  readonly config: RouteConfig;
  readonly paths: RoutePaths;
  readonly rules: TrackingRules;
  /** The patterns that were registered. Those of modules that are loaded later are not. */
  readonly served: ReadonlySet<string>;
}

/** A controller of a module, as Nest keeps it. */
interface Controller {
  readonly metatype: unknown;
}

/** Lists the routes that the application serves, in the order in which Nest registers them. */
export function declaredRoutes(application: RegisteredRoutes): FoundRoute[] {
  const routes: FoundRoute[] = [];
  for (const module of application.modules.values()) {
    const { metatype, controllers } = module as unknown as {
      metatype: object;
      controllers: Map<unknown, Controller>;
    };
    const { applicationId } = application.modules as { applicationId?: string };
    const modulePath: unknown =
      Reflect.getMetadata(MODULE_PATH + String(applicationId), metatype) ??
      Reflect.getMetadata(MODULE_PATH, metatype);
    for (const { metatype: type } of controllers.values())
      if (typeof type === 'function')
        routes.push(...routesOf(type as Type, modulePath, application));
  }
  return routes;
}

function* routesOf(
  controller: Type,
  modulePath: unknown,
  application: RegisteredRoutes,
): Generator<FoundRoute> {
  const { config, paths, rules, served } = application;
  const prototype = controller.prototype as Record<string, object>;
  const versioningOptions = config.versioning;
  const shared = {
    modulePath,
    globalPrefix: config.globalPrefix,
    versioningOptions,
    controllerVersion:
      versioningOptions &&
      ((Reflect.getMetadata(VERSION, controller) as unknown) ?? versioningOptions.defaultVersion),
  };
  for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
    const handler = prototype[name]!;
    const ownPaths = withSlashes(Reflect.getMetadata(PATH, handler));
    if (ownPaths.length === 0) continue;
    const method = Reflect.getMetadata(METHOD, handler) as RequestMethod;
    const rule = rules.ruleFor(controller, handler as () => unknown);
    const route = { ...shared, methodVersion: Reflect.getMetadata(VERSION, handler) as unknown };
    for (const ctrlPath of withSlashes(Reflect.getMetadata(PATH, controller)))
      for (const methodPath of ownPaths)
        for (const version of versionsOf(route)) {
          const made = paths.create(
            {
              ...route,
              ctrlPath,
              methodPath,
              ...(version !== undefined && { methodVersion: version }),
            },
            method,
          );
          for (const path of made)
            if (served.has(path)) yield found(controller, rule, method, path, version);
        }
  }
}

function found(
  controller: Type,
  rule: TrackingRule,
  method: RequestMethod,
  path: string,
  version: unknown,
): FoundRoute {
  return {
    method: RequestMethod[method] ?? 'GET',
    path,
    apiVersion: typeof version === 'string' ? version : null,
    host: hostOf(controller),
    controller: controller.name,
    handler: rule.handler,
    blueprint: rule.blueprint,
    tracked: rule.tracked,
    storages: rule.storages,
    deprecated: rule.deprecated?.deprecation ?? null,
    notice: rule.deprecated,
  };
}

/** The versions that a route answers: each has a line of its own. Undefined: there are none. */
function versionsOf(route: {
  readonly methodVersion: unknown;
  readonly controllerVersion: unknown;
  readonly versioningOptions: unknown;
}): readonly unknown[] {
  if (!route.versioningOptions) return [undefined];
  const declared = route.methodVersion || route.controllerVersion;
  const versions: readonly unknown[] = Array.isArray(declared) ? declared : [declared];
  return [...new Set(versions)];
}

function withSlashes(paths: unknown): string[] {
  const all: unknown[] = Array.isArray(paths) ? paths : [paths];
  return all
    .filter((path) => typeof path === 'string')
    .map((path) => (path.startsWith('/') ? path : `/${path}`));
}

function hostOf(controller: Type): string | null {
  const host: unknown = Reflect.getMetadata(HOST, controller);
  if (host === undefined || host === null || host === '') return null;
  return (Array.isArray(host) ? host : [host]).map(String).join(', ');
}
