import {
  Logger,
  type ExecutionContext,
  type HttpServer,
  type NestInterceptor,
} from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { CaptureOptions } from './capture-options.js';
import type { CaptureSink } from './captured-request.js';
import { FailureLog } from './failure-log.js';
import { HandlerPlans } from './handler-plans.js';
import { putGuardFirst, withdrawInterceptor } from './application-access.js';
import { ExpressPlatform } from './platform/express-platform.js';
import { FastifyPlatform } from './platform/fastify-platform.js';
import type { Platform } from './platform/platform.js';
import { ReachGuard } from './reach-guard.js';
import { RequestRecorder } from './request-recorder.js';
import type { RequestTrace, TraceObserver } from './request-trace.js';
import { schemeOf } from './request-url.js';
import { follow, traceOf } from './response-meter.js';
import { RoutePatterns } from './route-patterns.js';
import { isUntraced } from './untraced.js';
import { viewArgsOf } from './view-args.js';
import { VisitorMarker, type VisitorCookies } from './visitor-marker.js';

/** Fastify's requests and responses carry Node's; Express's are Node's own. */
interface RawCarrier {
  readonly raw?: object;
}

const INSTALLED = Symbol.for('nestjs-track-usage:installed');

/** Sees every request of an application and hands over what it captures of those it tracks. */
export class RequestCapture implements TraceObserver {
  /** The one that tells of handlers where no guard can. Not needed once the guard stands. */
  interceptor: NestInterceptor | null = null;
  private readonly log = new FailureLog(new Logger('TrackUsage'));
  private readonly plans: HandlerPlans;
  private readonly patterns = new RoutePatterns();
  private platform: Platform = new ExpressPlatform();
  private recorder: RequestRecorder;
  private readonly marker: VisitorMarker | null;
  private underWay = 0;
  private whenSettled: (() => void)[] = [];

  constructor(
    private readonly options: CaptureOptions,
    private readonly host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly sink: CaptureSink,
    cookies: VisitorCookies | null = null,
  ) {
    this.marker = cookies && new VisitorMarker(cookies);
    this.plans = new HandlerPlans(options);
    this.recorder = new RequestRecorder(options, this.platform, sink, this.log);
  }

  /**
   * Takes its place in the application. Must be called after the application has registered its
   * global guards and before its routes are registered: in a module's `configure()`. Does nothing
   * where there is no HTTP server.
   *
   * @throws Error if another capture has its place there already.
   */
  install(): void {
    const adapter = this.host.httpAdapter as HttpServer | undefined;
    if (!adapter) return;
    this.claim(adapter);
    if (adapter.getType?.() === 'fastify') this.platform = new FastifyPlatform();
    this.recorder = new RequestRecorder(this.options, this.platform, this.sink, this.log);
    this.patterns.watch(adapter);
    this.listen(adapter);
    if (putGuardFirst(this.moduleRef, new ReachGuard(this))) {
      if (this.interceptor) withdrawInterceptor(this.moduleRef, this.interceptor);
    } else {
      this.log.warn(
        'This version of Nest does not let TrackUsage stand before its guards: requests that a guard refuses are recorded without their handler, or not at all in the exclude mode.',
      );
    }
  }

  /** Notes which handler a request has reached. Never throws. */
  reached(context: ExecutionContext): void {
    if (context.getType() !== 'http') return;
    try {
      this.note(context);
    } catch (error) {
      this.log.once('A request could not be matched with its handler.', error);
    }
  }

  /**
   * Resolves when no request is under way, at once if none is. A server that has closed may still
   * owe the end of what was cut off.
   *
   * @param timeout Milliseconds after which it resolves all the same.
   */
  settled(timeout = 1000): Promise<void> {
    if (this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      setTimeout(resolve, timeout).unref();
      this.whenSettled.push(resolve);
    });
  }

  ended(trace: RequestTrace): void {
    try {
      this.recorder.record(trace);
    } catch (error) {
      this.log.once('A request could not be recorded.', error);
    }
    if (--this.underWay > 0) return;
    for (const resolve of this.whenSettled.splice(0)) resolve();
  }

  private note(context: ExecutionContext): void {
    const request: RawCarrier = context.getArgByIndex(0);
    const response: RawCarrier = context.getArgByIndex(1);
    // Some libraries call their own contexts HTTP.
    if (!isObject(request) || !isObject(response)) return;
    const trace = traceOf(response.raw ?? response) ?? this.meet(request, response);
    if (trace === undefined) return;
    const plan = this.plans.of(context.getClass(), context.getHandler());
    // A handler may pass a request on to the next one: it has reached both.
    if (trace.plan?.tracked && !plan.tracked) return;
    trace.plan = plan;
    trace.request = request;
    if (!plan.tracked) return;
    trace.route = this.patterns.of(this.platform.pattern(request));
    trace.viewArgs = viewArgsOf((request as { params?: unknown }).params);
    if (this.marker !== null) this.mark(trace, this.marker);
  }

  private mark(trace: RequestTrace, marker: VisitorMarker): void {
    const { raw, response } = trace;
    if (trace.visitorId !== null || isUntraced(this.options, raw.headers)) return;
    const isHttps = () =>
      (this.platform.clientOf(trace)?.protocol ?? schemeOf(trace.socket)) === 'https';
    trace.visitorId = marker.visitorOf(raw, response, isHttps);
  }

  /** Follows a request that came past the server: an application may be called as a function. */
  private meet(request: RawCarrier, response: RawCarrier): RequestTrace | undefined {
    const raw = (request.raw ?? request) as IncomingMessage & { originalUrl?: string };
    const rawResponse = (response.raw ?? response) as ServerResponse;
    if (!isObject(raw.socket) || typeof rawResponse.end !== 'function') return undefined;
    return this.follow(raw, rawResponse, raw.originalUrl ?? raw.url);
  }

  private listen(adapter: HttpServer): void {
    const server = adapter.getHttpServer() as Partial<Server> | undefined;
    server?.prependListener?.('request', (raw: IncomingMessage, response: ServerResponse) => {
      this.arrived(raw, response);
    });
    try {
      this.platform.listen?.(adapter, (raw, response, request) => {
        const trace = this.arrived(raw, response);
        if (trace === undefined) return;
        trace.request = request;
        if (trace.http2) trace.client = this.platform.clientOf(trace);
      });
    } catch (error) {
      this.log.once('Fastify was started before TrackUsage.', error);
    }
  }

  /** Never throws: it stands before the application. */
  private arrived(raw: IncomingMessage, response: ServerResponse): RequestTrace | undefined {
    try {
      return traceOf(response) ?? this.follow(raw, response, raw.url);
    } catch (error) {
      this.log.once('A request could not be followed.', error);
      return undefined;
    }
  }

  private follow(raw: IncomingMessage, response: ServerResponse, target?: string): RequestTrace {
    const trace = follow(this, raw, response, target);
    this.underWay++;
    return trace;
  }

  private claim(adapter: HttpServer): void {
    const claimed = adapter as { [INSTALLED]?: boolean };
    if (claimed[INSTALLED]) {
      throw new Error(
        'TrackUsageModule was imported twice into one application, which would record each request twice. Keep one TrackUsageModule.forRoot(): it serves the whole application, and takes several storages.',
      );
    }
    claimed[INSTALLED] = true;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
