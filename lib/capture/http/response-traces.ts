import type { ServerResponse } from 'node:http';
import { exchangeTrackVars } from '../../decorators/index.js';
import type { RequestTrace, TraceObserver } from './request-trace.js';

const TRACE = Symbol('nestjs-track-usage:trace');

/** A response with the first of its traces. */
export type Traced = ServerResponse & { [TRACE]?: RequestTrace };

/**
 * The trace that meters a response. If one application is mounted in another, each has its own
 * trace, and the first trace meters the response for all.
 */
export function firstTraceOf(response: object): RequestTrace | undefined {
  return (response as Traced)[TRACE];
}

/** An observer's trace of a response, in progress or ended. */
export function traceOf(response: object, observer: TraceObserver): RequestTrace | undefined {
  let trace = firstTraceOf(response);
  while (trace !== undefined && trace.observer !== observer) trace = trace.next;
  return trace;
}

/** Attaches a trace to its response, after the existing traces. */
export function attachTrace(trace: RequestTrace): void {
  if (trace.first === trace) {
    (trace.response as Traced)[TRACE] = trace;
    return;
  }
  let last = trace.first;
  while (last.next !== undefined) last = last.next;
  last.next = trace;
  bringToFront(trace);
}

/**
 * Makes the variables of this trace the ones that handlers reach, instead of those of another
 * application that traces the response.
 */
export function bringToFront(trace: RequestTrace): void {
  const { first, raw } = trace;
  const { front } = first;
  if (front === trace) return;
  front.trackVars = exchangeTrackVars(raw, trace.trackVars);
  first.front = trace;
}

/** Copies the measurements of the first trace to the others. */
export function shareMeasures(first: RequestTrace): void {
  const { front, raw, bytes, status, written, abortedBeforeHead, finished, endedAt } = first;
  front.trackVars = exchangeTrackVars(raw, undefined);
  for (let trace = first.next; trace !== undefined; trace = trace.next) {
    Object.assign(trace, { bytes, status, written, abortedBeforeHead, finished, endedAt });
  }
}
