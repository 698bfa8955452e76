import { readTrackVars } from '../../decorators/index.js';
import { OptionFunctions } from '../callers/index.js';
import { CAPTURE_OPTIONS, type CaptureOptions } from '../capture-options.js';
import type { CaptureSink, CapturedRequest } from '../../record/captured-request.js';
import { addressOf, protocolOf } from './client-view.js';
import type { FailureLog } from '../../support/failure-log.js';
import type { Platform } from './platform.js';
import { requestId } from '../request-ids.js';
import type { RequestTrace } from './request-trace.js';
import { plainAddress, RequestUrls } from './request-url.js';
import { hasCompleted, statusOf } from './response-outcome.js';
import { sentBytes } from './unsent-bytes.js';
import { hasOptedOut } from './visitor-marker.js';
import { traceIdOf } from '../trace-ids.js';
import { basicUser, nameOfUser } from '../username.js';
import { copyJson, type JsonObject } from '../../record/index.js';

/** Decides whether to record a request that has ended, and reads plain values from it. */
export class RequestRecorder {
  private readonly tracksUnknown: boolean;
  private readonly sampleRate: number;
  private readonly weight: number;
  private readonly urls = new RequestUrls();
  private readonly functions: OptionFunctions;

  constructor(
    private readonly options: CaptureOptions,
    private readonly platform: Platform,
    private readonly sink: CaptureSink,
    private readonly log: FailureLog,
  ) {
    this.tracksUnknown = (options.mode ?? CAPTURE_OPTIONS.mode.default) === 'include';
    this.sampleRate = options.sampleRate ?? CAPTURE_OPTIONS.sampleRate.default;
    this.weight = 1 / this.sampleRate;
    this.functions = new OptionFunctions(options, log);
  }

  record(trace: RequestTrace): void {
    const speed = Math.round(((trace.endedAt || performance.now()) - trace.start) * 1000);
    if (!this.isTracked(trace)) return;
    if (this.sampleRate < 1 && Math.random() >= this.sampleRate) return;
    if (this.options.skip !== undefined && this.functions.isSkipped(this.requestOf(trace))) return;
    this.sink(this.capture(trace, speed));
  }

  private isTracked({ rule: plan, method, raw }: RequestTrace): boolean {
    if (plan !== null) return plan.tracked;
    const isPreflight =
      method === 'OPTIONS' && raw.headers['access-control-request-method'] !== undefined;
    return this.tracksUnknown && !isPreflight;
  }

  private capture(trace: RequestTrace, speed: number): CapturedRequest {
    const { rule: plan, raw } = trace;
    const completed = hasCompleted(trace);
    const status = statusOf(trace, completed);
    this.readClient(trace);
    const client = trace.client ?? null;
    const address = addressOf(client, trace);
    const request = this.requestOf(trace);
    // Nobody has verified the user of a Basic header, so that only the record's username has it.
    const user = this.functions.username(request) ?? this.userOf(request);
    return {
      id: requestId(trace),
      date: trace.date,
      url: this.urls.of(
        protocolOf(client, trace),
        client?.host || trace.host,
        trace.socket,
        trace.target,
      ),
      method: trace.method,
      protocol: `HTTP/${raw.httpVersion}`,
      route: trace.route,
      blueprint: plan && plan.blueprint,
      handler: plan && plan.handler,
      viewArgs: trace.viewArgs,
      status,
      outcome: completed ? 'completed' : 'aborted',
      speed,
      contentLength: hasPayload(trace.method, status) ? sentBytes(trace, completed) : 0,
      remoteAddr: address ? plainAddress(address) : null,
      xForwardedFor: trace.xForwardedFor ?? null,
      referrer: trace.referrer ?? null,
      authorization: trace.authorization !== undefined,
      username: user ?? (isRefusal(status) ? null : basicUser(trace.authorization)),
      consumer: this.functions.consumer(request, {
        username: user,
        hasPassedGuards: trace.hasPassedGuards,
        userId: null,
      }),
      client: this.functions.client(request),
      userAgent: trace.userAgent ?? null,
      acceptLanguage: trace.acceptLanguage ?? null,
      visitorId: trace.visitorId,
      optedOut: hasOptedOut(this.options, raw.headers),
      trackVar: joinTrackVars(
        this.functions.trackVar(request),
        trace.trackVars ?? readTrackVars(raw),
      ),
      apiVersion: trace.apiVersion,
      traceId: trace.traceId ?? traceIdOf(raw.headers['traceparent']),
      weight: this.weight,
      storages: plan && plan.storages,
    };
  }

  /** Reads the client from the framework, once for each request. Never throws. */
  readClient(trace: RequestTrace): void {
    if (trace.client !== undefined) return;
    trace.client = null;
    try {
      trace.client = this.platform.clientOf(trace);
    } catch (error) {
      this.log.once('The framework could not say who the client is: its connection did.', error);
    }
  }

  private requestOf(trace: RequestTrace): object {
    return this.platform.requestOf(trace);
  }

  private userOf(request: { user?: unknown }): string | null {
    try {
      return nameOfUser(request.user);
    } catch (error) {
      this.log.once('The user of a request could not be read.', error);
      return null;
    }
  }
}

/** Whether the application rejected the client's authentication or its access. */
function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function hasPayload(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** Joins the variables of the option `trackVar` with those of the request, which take priority. */
function joinTrackVars(
  ofOption: object | undefined,
  ofRequest: Record<string, unknown> | undefined,
): JsonObject | null {
  const vars = copyTrackVars(ofRequest);
  if (ofOption === undefined) return vars;
  const copy = copyTrackVars(ofOption as Record<string, unknown>);
  return copy && vars ? { ...copy, ...vars } : (copy ?? vars);
}

/** Copies the variables of handlers as JSON. Never throws. Null if there are none. */
export function copyTrackVars(vars: Record<string, unknown> | undefined): JsonObject | null {
  const copy = vars && copyJson(vars);
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return null;
  for (const _name in copy) return copy;
  return null;
}
