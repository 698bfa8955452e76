import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { RequestTrace, type TraceObserver } from './request-trace.js';

const TRACE = Symbol.for('nestjs-track-usage:trace');
const WAITING = Symbol('nestjs-track-usage:waiting');

type Traced = ServerResponse & { [TRACE]?: RequestTrace };
type TracedSocket = Socket & { [WAITING]?: Set<RequestTrace> };

/** The trace of a response that is under way or has ended. */
export function traceOf(response: object): RequestTrace | undefined {
  return (response as Traced)[TRACE];
}

/**
 * Follows a response: counts its payload and tells the observer once when it has ended, be it that
 * its last byte was handed over or that its connection is gone. Every function here is shared by
 * all requests.
 *
 * @param target What was asked for, where the request no longer says it as it was sent.
 */
export function follow(
  observer: TraceObserver,
  request: IncomingMessage,
  response: ServerResponse,
  target = request.url,
): RequestTrace {
  const trace = new RequestTrace(observer, request, response, target);
  (response as Traced)[TRACE] = trace;
  response.write = meteredWrite as ServerResponse['write'];
  response.end = meteredEnd as ServerResponse['end'];
  // `close` comes after `finish`, and alone where there is no `finish`: one listener hears both.
  response.on('close', responseClosed);
  if (response.socket === null && !trace.http2) awaitTurn(trace);
  return trace;
}

/** How the response of a trace ended. */
export function hasCompleted(trace: RequestTrace): boolean {
  const { response, socket, http2, injected, lost } = trace;
  if (lost || !response.writableEnded) return false;
  if (injected) return true;
  if (http2) {
    const { stream } = response as unknown as { stream?: { aborted: boolean; rstCode: number } };
    return stream === undefined || (!stream.aborted && stream.rstCode === 0);
  }
  // Node takes the socket from a response that it has handed over, and only then. It does so too
  // when the socket was destroyed under the last write; one that it closes itself is ended first.
  return response.socket === null && !wasCutOff(socket);
}

function meteredWrite(
  this: Traced,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  const trace = this[TRACE]!;
  if (isDeaf(this, trace)) return trace.write.call(this, chunk, encoding, callback);
  const result = trace.write.call(this, chunk, encoding, callback);
  trace.bytes += sizeOf(chunk, encoding);
  if (trace.status === 0) trace.status = this.statusCode;
  return result;
}

function meteredEnd(
  this: Traced,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
): ServerResponse {
  const trace = this[TRACE]!;
  if (isDeaf(this, trace)) return trace.end.call(this, chunk, encoding, callback);
  const before = trace.bytes;
  const result = trace.end.call(this, chunk, encoding, callback);
  // Some ends write their chunk through `write`, which has counted it then.
  if (trace.bytes === before) trace.bytes = before + sizeOf(chunk, encoding);
  if (trace.status === 0) trace.status = this.statusCode;
  return result;
}

/** Whether what is written now reaches nobody. */
function isDeaf(response: ServerResponse, trace: RequestTrace): boolean {
  if (response.writableEnded) return true;
  if (!trace.done && !isGone(trace)) return false;
  if (!haveHeadersLeft(response)) trace.lost = true;
  return true;
}

/** `headersSent` is true as soon as they are written down; Node also notes whether they have left. */
export function haveHeadersLeft(response: ServerResponse): boolean {
  const { _headerSent, headersSent } = response as { _headerSent?: boolean; headersSent: boolean };
  return _headerSent ?? headersSent;
}

/** Node ends its side of a connection whose other side has been ended. */
function isGone({ socket, http2 }: RequestTrace): boolean {
  return socket.destroyed || (socket.writableEnded && !http2);
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, (typeof encoding === 'string' ? encoding : 'utf8') as 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}

function responseClosed(this: Traced): void {
  const trace = this[TRACE]!;
  if (trace.done) return;
  trace.done = true;
  (trace.socket as TracedSocket)[WAITING]?.delete(trace);
  trace.observer.ended(trace);
}

/**
 * A pipelined request's response waits behind others, and hears nothing of its connection until
 * it is its turn. The connection tells it then.
 */
function awaitTurn(trace: RequestTrace): void {
  const socket = trace.socket as TracedSocket;
  if (socket[WAITING] === undefined) {
    socket[WAITING] = new Set();
    socket.once('close', connectionClosed);
  }
  socket[WAITING].add(trace);
}

function connectionClosed(this: TracedSocket): void {
  for (const trace of this[WAITING] ?? []) {
    if (trace.done || trace.response.socket !== null) continue;
    trace.done = true;
    trace.lost = true;
    trace.status = 0;
    trace.bytes = 0;
    trace.observer.ended(trace);
  }
  this[WAITING]?.clear();
}

function wasCutOff(socket: Socket): boolean {
  return socket.destroyed && !socket.writableEnded;
}
