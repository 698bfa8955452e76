import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestTrace, type TraceObserver } from './request-trace.js';
import { noteAnswered, settleSoon, watchEnd } from './response-end.js';
import { attachTrace, firstTraceOf } from './response-traces.js';
import { noteSent } from './unsent-bytes.js';
import { isHeadSent } from './response-outcome.js';

/**
 * Starts the trace of a response: counts its payload and notifies the observer once when it has
 * ended, because its last byte was handed over or its connection was lost. All requests share the
 * functions in this file. Undefined if the response has ended already.
 *
 * @param target The request target as sent, if `request.url` has changed.
 */
export function follow(
  observer: TraceObserver,
  request: IncomingMessage,
  response: ServerResponse,
  target = request.url,
): RequestTrace | undefined {
  const first = firstTraceOf(response);
  if (first?.done) return undefined;
  const trace = new RequestTrace(observer, request, response, target, first);
  attachTrace(trace);
  observer.began(trace);
  if (first !== undefined) return trace;
  response.write = meteredWrite as ServerResponse['write'];
  response.end = meteredEnd as ServerResponse['end'];
  watchEnd(trace);
  return trace;
}

function meteredWrite(
  this: ServerResponse,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  const trace = firstTraceOf(this)!;
  if (isDiscarded(this, trace)) return trace.write.call(this, chunk, encoding, callback);
  const result = trace.write.call(this, chunk, encoding, callback);
  count(trace, chunk, encoding);
  trace.written = true;
  noteSent(trace);
  return result;
}

function meteredEnd(
  this: ServerResponse,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
): ServerResponse {
  const trace = firstTraceOf(this)!;
  if (isDiscarded(this, trace)) return trace.end.call(this, chunk, encoding, callback);
  const before = trace.bytes;
  const result = trace.end.call(this, chunk, encoding, callback);
  // Some versions of `end` write their chunk through `write`, which has already counted it.
  if (trace.bytes === before) count(trace, chunk, encoding);
  trace.written = true;
  noteSent(trace);
  noteAnswered(trace);
  return result;
}

/** Whether a chunk that is written now is discarded, because the response or connection ended. */
function isDiscarded(response: ServerResponse, trace: RequestTrace): boolean {
  if (response.writableEnded) return true;
  if (!trace.done && !isGone(trace)) return false;
  if (!isHeadSent(response)) trace.abortedBeforeHead = true;
  // The response was closed before it was traced, so `close` will not be emitted again.
  if (response.closed) settleSoon(trace);
  return true;
}

/** Whether the connection was lost. Node ends its side when the client has ended the other. */
function isGone({ socket, http2 }: RequestTrace): boolean {
  return socket.destroyed || (socket.writableEnded && !http2);
}

function count(trace: RequestTrace, chunk: unknown, encoding: unknown): void {
  const size = sizeOf(chunk, encoding);
  trace.bytes += size;
  if (typeof chunk === 'string' && size > chunk.length) trace.surplus += size - chunk.length;
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, (typeof encoding === 'string' ? encoding : 'utf8') as 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}
