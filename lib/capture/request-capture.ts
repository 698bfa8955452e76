import type { ExecutionContext, HttpServer, NestInterceptor } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { CaptureSink } from '../record/captured-request.js';
import { FailureLog } from '../support/failure-log.js';
import { usageLogger } from '../support/usage-logger.js';
import type { CaptureOptions } from './capture-options.js';
import { HttpCapture } from './http/http-capture.js';
import { RoutePatterns } from './http/route-patterns.js';
import type { VisitorCookies } from './http/visitor-marker.js';
import { HandlerProbeGuard, putGuardFirst, removeInterceptor } from './nest-internals.js';
import { TrackingRules } from './tracking-rules.js';

/**
 * Captures the requests of one application and passes the tracked ones to the sink. Each transport
 * has its own class, which this class installs and notifies of handlers. HTTP's is `HttpCapture`.
 */
export class RequestCapture {
  /** Reports handlers if the guard cannot be put first. Removed if the guard is installed. */
  interceptor: NestInterceptor | null = null;
  private readonly log = new FailureLog(usageLogger());
  private readonly http: HttpCapture;

  constructor(
    options: CaptureOptions,
    private readonly host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    sink: CaptureSink,
    cookies: VisitorCookies | null = null,
    patterns = new RoutePatterns(),
  ) {
    const rules = new TrackingRules(options);
    this.http = new HttpCapture(options, rules, sink, this.log, cookies, patterns);
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
    if (putGuardFirst(this.moduleRef, new HandlerProbeGuard(this))) {
      if (this.interceptor) removeInterceptor(this.moduleRef, this.interceptor);
    } else {
      this.log.warn(
        'This version of Nest does not let TrackUsage stand before its guards: requests that a guard refuses are recorded without their handler, or not at all in the exclude mode.',
      );
    }
  }

  /** Notes the handler that a request has reached. Never throws. */
  onHandler(context: ExecutionContext): void {
    if (context.getType() !== 'http') return;
    try {
      this.http.onHandler(context);
    } catch (error) {
      this.log.once('A request could not be matched with its handler.', error);
    }
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
}
