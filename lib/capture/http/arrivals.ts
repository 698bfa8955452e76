import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FailureLog } from '../../support/failure-log.js';
import { listenTo, type ArrivalListener, type Platform } from './platform.js';
import type { RequestTrace, TraceObserver } from './request-trace.js';
import { follow } from './response-meter.js';
import { traceOf } from './response-traces.js';
import type { HttpAdapterHost } from '@nestjs/core';

/** Traces each request of an application, from whichever server or function it comes. */
export class Arrivals {
  constructor(
    private readonly observer: TraceObserver,
    private readonly platform: Platform,
    private readonly log: FailureLog,
  ) {}

  /** Listens to an application's requests. Call it before the application is started. */
  listen(adapter: HttpServer): void {
    const arrived: ArrivalListener = (raw, response, request) => {
      this.arrived(raw, response, request);
    };
    listenTo(adapter.getHttpServer() as Partial<Server> | undefined, arrived);
    try {
      this.platform.listen(adapter, arrived);
    } catch (error) {
      this.log.once('Fastify was started before TrackUsage.', error);
    }
  }

  /** The trace of a request. Starts a trace if no listener has seen the request. */
  trace(raw: IncomingMessage, response: ServerResponse): RequestTrace | undefined {
    const known = traceOf(response, this.observer);
    if (known !== undefined) return known;
    // Some libraries use contexts of type 'http' without Node's request and response.
    if (!isObject(raw.socket ?? response.socket) || typeof response.end !== 'function') return;
    // A mounted application gets a shortened `url`, but the whole one as `originalUrl`.
    const { originalUrl = raw.url } = raw as { originalUrl?: string };
    return follow(this.observer, raw, response, originalUrl);
  }

  /** Starts the trace of a request. Never throws, because it runs before the application. */
  private arrived(raw: IncomingMessage, response: ServerResponse, request?: object): void {
    try {
      const trace = this.trace(raw, response);
      if (trace === undefined || request === undefined) return;
      trace.request = request;
      if (trace.http2) trace.client = this.platform.clientOf(trace) ?? trace.client;
    } catch (error) {
      this.log.once('A request could not be followed.', error);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A global symbol, so that copies of this package in one process see each other's claims. */
const CLAIMED_BY = Symbol.for('nestjs-track-usage:claimed-by');

/**
 * Claims an application for one capture. Several applications may share an adapter.
 *
 * @param application The application's HttpAdapterHost, of which it has exactly one.
 * @throws {Error} if another capture has claimed the application.
 */
export function claimApplication(adapter: HttpServer, application: HttpAdapterHost): void {
  const claimed = adapter as { [CLAIMED_BY]?: WeakSet<HttpAdapterHost> };
  const applications = (claimed[CLAIMED_BY] ??= new WeakSet());
  if (applications.has(application)) {
    throw new Error(
      'TrackUsageModule was imported twice into one application, which would record each request twice. Keep one TrackUsageModule.forRoot(): it serves the whole application, and takes several storages.',
    );
  }
  applications.add(application);
}
