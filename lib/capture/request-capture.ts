import type { ExecutionContext, HttpServer, NestInterceptor } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AnsweredRequests } from './http/answered-requests.js';
import { Arrivals, claimApplication } from './http/arrivals.js';
import type { CaptureOptions } from './capture-options.js';
import type { CaptureSink } from '../record/captured-request.js';
import { protocolOf } from './http/client-view.js';
import { FailureLog } from '../support/failure-log.js';
import { usageLogger } from '../support/usage-logger.js';
import { TrackingRules } from './tracking-rules.js';
import { putGuardFirst, withdrawInterceptor, HandlerProbeGuard } from './nest-internals.js';
import { ExpressPlatform } from './http/express-platform.js';
import { FastifyPlatform } from './http/fastify-platform.js';
import type { Platform } from './http/platform.js';
import { RequestRecorder } from './http/request-recorder.js';
import type { RequestTrace, TraceObserver } from './http/request-trace.js';
import { bringToFront } from './http/response-traces.js';
import { RoutePatterns, viewArgsOf } from './http/route-patterns.js';
import { isUntraced, VisitorMarker, type VisitorCookies } from './http/visitor-marker.js';

/** Fastify's requests and responses carry Node's; Express's are Node's own. */
interface RawCarrier {
  readonly raw?: object;
}

/** Sees every request of an application and hands over what it captures of those it tracks. */
export class RequestCapture implements TraceObserver {
  /** The one that tells of handlers where no guard can. Not needed once the guard stands. */
  interceptor: NestInterceptor | null = null;
  private readonly log = new FailureLog(usageLogger());
  private readonly plans: TrackingRules;
  private platform: Platform = new ExpressPlatform();
  private recorder: RequestRecorder;
  private arrivals: Arrivals;
  private readonly marker: VisitorMarker | null;
  private readonly unrecorded = new AnsweredRequests();
  /** What the application shares with another one where both were given the same. */
  private instance: unknown = null;
  private underWay = 0;
  private whenSettled: (() => void)[] = [];

  constructor(
    private readonly options: CaptureOptions,
    private readonly host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly sink: CaptureSink,
    cookies: VisitorCookies | null = null,
    private readonly patterns = new RoutePatterns(),
  ) {
    this.marker = cookies && new VisitorMarker(cookies);
    this.plans = new TrackingRules(options);
    this.recorder = new RequestRecorder(options, this.platform, sink, this.log);
    this.arrivals = new Arrivals(this, this.platform, this.log);
  }

  /**
   * Takes its place in the application. Must be called after the application has registered its
   * global guards and before its routes are registered: in a module's `configure()`. Does nothing
   * where there is no HTTP server.
   *
   * @throws Error if the application has another capture already.
   */
  install(): void {
    const adapter = this.host.httpAdapter as HttpServer | undefined;
    if (!adapter) return;
    claimApplication(adapter, this.host);
    this.instance = adapter.getInstance();
    if (adapter.getType?.() === 'fastify') this.platform = new FastifyPlatform();
    this.recorder = new RequestRecorder(this.options, this.platform, this.sink, this.log);
    this.patterns.watch(adapter);
    this.arrivals = new Arrivals(this, this.platform, this.log);
    this.arrivals.listen(adapter);
    if (putGuardFirst(this.moduleRef, new HandlerProbeGuard(this))) {
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

  /**
   * Resolves to true when all requests whose response the application has handed over so far are
   * recorded, to false when the time ran out first.
   *
   * @param timeout Milliseconds.
   */
  recorded(timeout: number): Promise<boolean> {
    return this.unrecorded.allLeft(timeout);
  }

  began(): void {
    this.underWay++;
  }

  answered(trace: RequestTrace): void {
    trace.cohort = this.unrecorded.enter();
  }

  ended(trace: RequestTrace): void {
    try {
      if (!this.isOfAnother(trace)) this.recorder.record(trace);
    } catch (error) {
      this.log.once('A request could not be recorded.', error);
    }
    if (trace.cohort !== null) this.unrecorded.leave(trace.cohort);
    if (--this.underWay > 0) return;
    for (const resolve of this.whenSettled.splice(0)) resolve();
  }

  private note(context: ExecutionContext): void {
    const request: RawCarrier = context.getArgByIndex(0);
    const response: RawCarrier = context.getArgByIndex(1);
    // Some libraries call their own contexts HTTP.
    if (!isObject(request) || !isObject(response)) return;
    const trace = this.arrivals.trace(
      (request.raw ?? request) as IncomingMessage,
      (response.raw ?? response) as ServerResponse,
    );
    if (trace === undefined) return;
    bringToFront(trace);
    const plan = this.plans.of(context.getClass(), context.getHandler());
    // A handler may pass a request on to the next one: it has reached both.
    if (trace.plan?.tracked && !plan.tracked) return;
    trace.plan = plan;
    trace.request = request;
    if (!plan.tracked) return;
    this.recorder.readClient(trace);
    trace.route = this.patterns.of(this.platform.pattern(request));
    trace.viewArgs = viewArgsOf((request as { params?: unknown }).params);
    if (this.marker !== null) this.mark(trace, this.marker);
  }

  private mark(trace: RequestTrace, marker: VisitorMarker): void {
    const { raw, response } = trace;
    if (trace.visitorId !== null || isUntraced(this.options, raw.headers)) return;
    const isHttps = () => protocolOf(trace.client ?? null, trace) === 'https';
    trace.visitorId = marker.visitorOf(raw, response, isHttps);
  }

  /** Whether an application that was given the same server instance had the handler for it. */
  private isOfAnother(trace: RequestTrace): boolean {
    const { first, plan } = trace;
    if (plan !== null || first.next === undefined) return false;
    for (let other: RequestTrace | undefined = first; other !== undefined; other = other.next) {
      const { observer } = other;
      if (other.plan === null || !(observer instanceof RequestCapture)) continue;
      if (observer.instance === this.instance) return true;
    }
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
