import type { ExecutionContext, HttpServer, NestInterceptor } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { CaptureSink } from '../record/captured-request.js';
import { FailureLog } from '../support/failure-log.js';
import { usageLogger } from '../support/usage-logger.js';
import type { CaptureOptions } from './capture-options.js';
import { HttpCapture } from './http/http-capture.js';
import { RoutePatterns } from './http/route-patterns.js';
import type { VisitorCookies } from './http/visitor-marker.js';
import { isUserReader } from './callers/index.js';
import {
  HandlerProbeGuard,
  putGuardFirst,
  putInterceptorFirst,
  removeInterceptor,
  routeConfigOf,
  routePathsOf,
  versioningOf,
} from './nest-internals.js';
import { declaredRoutes, type FoundRoute } from './routes/declared-routes.js';
import { TrackingRules } from './tracking-rules.js';

/**
 * Captures the requests of one application and passes the tracked ones to the sink. Each transport
 * has its own class, which this class installs and notifies of handlers. HTTP's is `HttpCapture`.
 */
export class RequestCapture {
  /**
   * Reports handlers if the guard cannot be put first, and that the guards let a request pass if
   * the option `consumer` may ask. Removed if neither is needed.
   */
  interceptor: NestInterceptor | null = null;
  private readonly log = new FailureLog(usageLogger());
  private readonly http: HttpCapture;
  private readonly rules: TrackingRules;
  private isGuardInstalled = false;

  constructor(
    private readonly options: CaptureOptions,
    private readonly host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    sink: CaptureSink,
    cookies: VisitorCookies | null = null,
    private readonly patterns = new RoutePatterns(),
  ) {
    const versioning = () => versioningOf(moduleRef);
    this.rules = new TrackingRules(options, versioning);
    this.http = new HttpCapture(options, this.rules, sink, this.log, cookies, patterns, versioning);
  }

  /**
   * Installs capture in the application. Call it in a module's `configure()`: after the application
   * has registered its global guards, and before it registers its routes. Does nothing without an
   * HTTP server.
   *
   * @throws {Error} if the application has a capture already.
   */
  install(): void {
    const adapter = this.host.httpAdapter as HttpServer | undefined;
    if (!adapter) return;
    this.http.install(adapter, this.host);
    const { moduleRef, interceptor } = this;
    this.isGuardInstalled = putGuardFirst(moduleRef, new HandlerProbeGuard(this));
    if (interceptor && this.asksForGuards()) putInterceptorFirst(moduleRef, interceptor);
    else if (interceptor && this.isGuardInstalled) removeInterceptor(moduleRef, interceptor);
    if (!this.isGuardInstalled) {
      this.log.warn(
        'This version of Nest does not let TrackUsage stand before its guards: requests that a guard refuses are recorded without their handler, or not at all in the exclude mode.',
      );
    }
  }

  /** Notes the handler that a request has reached. Never throws. */
  onHandler(context: ExecutionContext): void {
    if (context.getType() !== 'http') return;
    this.attempt(() => this.http.onHandler(context));
  }

  /** Notes that the guards of a handler let a request pass. Never throws. */
  onGuardsPassed(context: ExecutionContext): void {
    // Messages of websockets and others have guards too, but no response that ends.
    if (context.getType() !== 'http') return;
    if (!this.isGuardInstalled) this.onHandler(context);
    if (this.asksForGuards()) this.attempt(() => this.http.onGuardsPassed(context));
  }

  /** Whether the option `consumer` may ask for what guards decide, as `byApiKey()` does. */
  private asksForGuards(): boolean {
    const { consumer } = this.options;
    return consumer !== undefined && !isUserReader(consumer);
  }

  /**
   * Resolves when no request is under way. A server that has closed may not yet have ended the
   * requests that it cut off.
   *
   * @param timeoutMs Resolves after this time in any case.
   */
  settled(timeoutMs?: number): Promise<void> {
    return this.http.settled(timeoutMs);
  }

  /**
   * Resolves to true when every request that the application has answered so far is recorded, to
   * false after `timeoutMs`.
   */
  recorded(timeoutMs: number): Promise<boolean> {
    return this.http.recorded(timeoutMs);
  }

  /**
   * Lists the routes that the application has registered. Null without an HTTP server, and if this
   * version of Nest does not let them be listed.
   */
  async declaredRoutes(modules: ModulesContainer): Promise<FoundRoute[] | null> {
    const { moduleRef, rules } = this;
    if (!this.host.httpAdapter) return null;
    const config = routeConfigOf(moduleRef);
    const paths = await routePathsOf(moduleRef);
    if (!config || !paths) {
      this.log.warn(
        'This version of Nest does not let its routes be listed: usage.routes() has none.',
      );
      return null;
    }
    const served = new Set(this.patterns.patterns());
    return declaredRoutes({ modules, config, paths, rules, served });
  }

  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.log.once('A request could not be matched with its handler.', error);
    }
  }
}
