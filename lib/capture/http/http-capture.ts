import type { ExecutionContext, HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CaptureSink } from '../../record/captured-request.js';
import type { FailureLog } from '../../support/failure-log.js';
import type { CaptureOptions } from '../capture-options.js';
import { answeringVersion, type Versioning } from '../api-versions.js';
import { activeTraceId } from '../trace-ids.js';
import type { TrackingRule, TrackingRules } from '../tracking-rules.js';
import { AnsweredRequests } from './answered-requests.js';
import { Arrivals, claimApplication } from './arrivals.js';
import { protocolOf } from './client-view.js';
import { addDeprecationHeaders } from './deprecation-headers.js';
import { ExpressPlatform } from './express-platform.js';
import { FastifyPlatform } from './fastify-platform.js';
import type { Platform } from './platform.js';
import { RequestRecorder } from './request-recorder.js';
import type { RequestTrace, TraceObserver } from './request-trace.js';
import { bringToFront } from './response-traces.js';
import { readViewArgs, type RoutePatterns } from './route-patterns.js';
import { hasOptedOut, VisitorMarker, type VisitorCookies } from './visitor-marker.js';

/** Fastify's requests and responses have Node's as `raw`. Express's are Node's own. */
interface RawCarrier {
  readonly raw?: object;
}

const SETTLE_TIMEOUT_MS = 1000;

/** Traces every HTTP request of an application and records the tracked ones. */
export class HttpCapture implements TraceObserver {
  private platform: Platform = new ExpressPlatform();
  private recorder: RequestRecorder;
  private arrivals: Arrivals;
  private readonly marker: VisitorMarker | null;
  private readonly unrecorded = new AnsweredRequests();
  /** The server instance. Two applications may share one. */
  private instance: unknown = null;
  private underWay = 0;
  private whenSettled: (() => void)[] = [];

  constructor(
    private readonly options: CaptureOptions,
    private readonly rules: TrackingRules,
    private readonly sink: CaptureSink,
    private readonly log: FailureLog,
    cookies: VisitorCookies | null,
    private readonly patterns: RoutePatterns,
    private readonly versioning: () => Versioning | null,
  ) {
    this.marker = cookies && new VisitorMarker(cookies);
    this.recorder = new RequestRecorder(options, this.platform, sink, this.log);
    this.arrivals = new Arrivals(this, this.platform, this.log);
  }

  /** @throws {Error} if the application has a capture already. */
  install(adapter: HttpServer, application: HttpAdapterHost): void {
    claimApplication(adapter, application);
    this.instance = adapter.getInstance();
    if (adapter.getType?.() === 'fastify') this.platform = new FastifyPlatform();
    this.recorder = new RequestRecorder(this.options, this.platform, this.sink, this.log);
    this.patterns.watch(adapter);
    this.arrivals = new Arrivals(this, this.platform, this.log);
    this.arrivals.listen(adapter);
  }

  /** Records the handler that a request has reached, and what is only known at this time. */
  onHandler(context: ExecutionContext): void {
    const request: RawCarrier = context.getArgByIndex(0);
    const trace = this.traceOf(context);
    if (trace === undefined) return;
    bringToFront(trace);
    trace.hasPassedGuards = false;
    const rule = this.rules.ruleFor(context.getClass(), context.getHandler());
    if (rule.deprecated !== null) addDeprecationHeaders(trace.response, rule.deprecated);
    // A request may reach two handlers if the first passes it on. A tracked one takes priority.
    if (trace.rule?.tracked && !rule.tracked) return;
    trace.rule = rule;
    trace.request = request;
    if (!rule.tracked) return;
    this.recorder.readClient(trace);
    trace.route = this.patterns.of(this.platform.pattern(request));
    trace.viewArgs = readViewArgs((request as { params?: unknown }).params);
    if (rule.versions !== null) trace.apiVersion = this.versionOf(rule.versions, trace);
    // The application may have started the span itself, after the request had come.
    trace.traceId ??= activeTraceId();
    if (this.marker !== null) this.markVisitor(trace, this.marker);
  }

  /** Records that all guards of the handler let a request pass. */
  onGuardsPassed(context: ExecutionContext): void {
    const trace = this.traceOf(context);
    if (trace !== undefined) trace.hasPassedGuards = true;
  }

  settled(timeoutMs = SETTLE_TIMEOUT_MS): Promise<void> {
    if (this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      setTimeout(resolve, timeoutMs).unref();
      this.whenSettled.push(resolve);
    });
  }

  recorded(timeoutMs: number): Promise<boolean> {
    return this.unrecorded.allLeft(timeoutMs);
  }

  began(trace: RequestTrace): void {
    this.underWay++;
    trace.traceId = activeTraceId();
  }

  answered(trace: RequestTrace): void {
    trace.cohort = this.unrecorded.enter();
  }

  ended(trace: RequestTrace): void {
    try {
      if (!this.belongsToAnother(trace)) this.recorder.record(trace);
    } catch (error) {
      this.log.once('A request could not be recorded.', error);
    }
    if (trace.cohort !== null) this.unrecorded.leave(trace.cohort);
    if (--this.underWay > 0) return;
    for (const resolve of this.whenSettled.splice(0)) resolve();
  }

  private traceOf(context: ExecutionContext): RequestTrace | undefined {
    const request: RawCarrier = context.getArgByIndex(0);
    const response: RawCarrier = context.getArgByIndex(1);
    // Some libraries use contexts of type 'http' without Node's request and response.
    if (!isObject(request) || !isObject(response)) return undefined;
    return this.arrivals.trace(
      (request.raw ?? request) as IncomingMessage,
      (response.raw ?? response) as ServerResponse,
    );
  }

  private versionOf(
    versions: NonNullable<TrackingRule['versions']>,
    { raw, route }: RequestTrace,
  ): string | null {
    try {
      const versioning = this.versioning();
      // Nest gives an extractor of the application Node's request, on Fastify too.
      return versioning && answeringVersion(versions, versioning, raw, route);
    } catch (error) {
      this.log.once('The version that answered a request could not be read.', error);
      return null;
    }
  }

  private markVisitor(trace: RequestTrace, marker: VisitorMarker): void {
    const { raw, response } = trace;
    if (trace.visitorId !== null || hasOptedOut(this.options, raw.headers)) return;
    const isHttps = () => protocolOf(trace.client ?? null, trace) === 'https';
    trace.visitorId = marker.visitorOf(raw, response, isHttps);
  }

  /** Whether the handler belongs to another application that shares this server instance. */
  private belongsToAnother(trace: RequestTrace): boolean {
    const { first, rule } = trace;
    if (rule !== null || first.next === undefined) return false;
    for (let other: RequestTrace | undefined = first; other !== undefined; other = other.next) {
      const { observer } = other;
      if (other.rule === null || !(observer instanceof HttpCapture)) continue;
      if (observer.instance === this.instance) return true;
    }
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
