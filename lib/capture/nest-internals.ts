import type { CanActivate, NestInterceptor, ExecutionContext } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { RequestCapture } from './request-capture.js';

/** As much of Nest's `ApplicationConfig` as is used here. */
interface GlobalEnhancers {
  getGlobalGuards(): CanActivate[];
  getGlobalInterceptors(): NestInterceptor[];
}

/**
 * Puts `guard` before all other guards, whoever registered them: it sees each request that has
 * reached a handler, also those that another guard refuses. There is no public way; false if
 * there is no other one either.
 */
export function putGuardFirst(moduleRef: ModuleRef, guard: CanActivate): boolean {
  const guards = enhancersOf(moduleRef)?.getGlobalGuards();
  if (!Array.isArray(guards)) return false;
  guards.unshift(guard);
  return true;
}

/** Takes an interceptor that is not needed off the path of every request. */
export function withdrawInterceptor(moduleRef: ModuleRef, interceptor: NestInterceptor): void {
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

/** Refuses nobody: it stands first to see who comes. */
export class HandlerProbeGuard implements CanActivate {
  constructor(private readonly capture: Pick<RequestCapture, 'reached'>) {}

  canActivate(context: ExecutionContext): boolean {
    this.capture.reached(context);
    return true;
  }
}
