import type {
  CanActivate,
  ExecutionContext,
  NestInterceptor,
  VersioningOptions,
} from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { Versioning } from './api-versions.js';
import type { RouteConfig, RoutePaths } from './routes/route-paths.js';

/** Is notified of the handler that a request has reached. */
export interface HandlerListener {
  /** Never throws. */
  onHandler(context: ExecutionContext): void;
}

/** Lets every request pass. Runs before all other guards, so that it sees requests they reject. */
export class HandlerProbeGuard implements CanActivate {
  constructor(private readonly listener: HandlerListener) {}

  canActivate(context: ExecutionContext): boolean {
    this.listener.onHandler(context);
    return true;
  }
}

/** The part of Nest's `ApplicationConfig` that is used here. */
interface GlobalEnhancers {
  getGlobalGuards(): CanActivate[];
  getGlobalInterceptors(): NestInterceptor[];
  getVersioning?(): VersioningOptions | undefined;
  getGlobalPrefix?(): string;
}

/**
 * Puts `guard` before all other guards, whoever registered them. Nest has no public API for this.
 *
 * @returns False if this version of Nest keeps its guards elsewhere.
 */
export function putGuardFirst(moduleRef: ModuleRef, guard: CanActivate): boolean {
  const guards = enhancersOf(moduleRef)?.getGlobalGuards();
  if (!Array.isArray(guards)) return false;
  guards.unshift(guard);
  return true;
}

/** Puts an interceptor of the application before all others, so that none answers in its place. */
export function putInterceptorFirst(moduleRef: ModuleRef, interceptor: NestInterceptor): void {
  removeInterceptor(moduleRef, interceptor);
  enhancersOf(moduleRef)?.getGlobalInterceptors().unshift(interceptor);
}

/** How the application's routes are versioned; null if they are not. */
export function versioningOf(moduleRef: ModuleRef): Versioning | null {
  const config = enhancersOf(moduleRef);
  const options = config?.getVersioning?.();
  return options ? { options, globalPrefix: config?.getGlobalPrefix?.() ?? '' } : null;
}

/** What the application's routes have in common; null if this version of Nest keeps it elsewhere. */
export function routeConfigOf(moduleRef: ModuleRef): RouteConfig | null {
  const config = enhancersOf(moduleRef);
  if (!config?.getGlobalPrefix || !config.getVersioning) return null;
  const prefix = config.getGlobalPrefix();
  return {
    globalPrefix: prefix === '' || prefix.startsWith('/') ? prefix : `/${prefix}`,
    versioning: config.getVersioning(),
  };
}

/**
 * Makes paths as Nest's router does, with the prefix, its exclusions and versions; null if this
 * version of Nest has it elsewhere.
 */
export async function routePathsOf(moduleRef: ModuleRef): Promise<RoutePaths | null> {
  const config = enhancersOf(moduleRef);
  try {
    const { RoutePathFactory } = await import('@nestjs/core/router/route-path-factory.js');
    return config ? new RoutePathFactory(config as never) : null;
  } catch {
    return null;
  }
}

/** Removes an interceptor from the application, so that requests no longer run through it. */
export function removeInterceptor(moduleRef: ModuleRef, interceptor: NestInterceptor): void {
  const interceptors = enhancersOf(moduleRef)?.getGlobalInterceptors();
  if (!Array.isArray(interceptors)) return;
  const at = interceptors.indexOf(interceptor);
  if (at >= 0) interceptors.splice(at, 1);
}

function enhancersOf(moduleRef: ModuleRef): GlobalEnhancers | undefined {
  const { container } = moduleRef as unknown as {
    container?: { applicationConfig?: Partial<GlobalEnhancers> };
  };
  const config = container?.applicationConfig;
  return typeof config?.getGlobalGuards === 'function' &&
    typeof config.getGlobalInterceptors === 'function'
    ? (config as GlobalEnhancers)
    : undefined;
}
