import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestTrace } from './request-trace.js';
import { firstTraceOf, shareMeasures } from './response-traces.js';
import { watchUpgrade } from './upgrade-watch.js';

const WAITING = Symbol('nestjs-track-usage:waiting');

type WatchedSocket = Socket & { [WAITING]?: Set<RequestTrace> };

/** Watches for the end of a response and notifies the observers of its traces once. */
export function watchEnd(trace: RequestTrace): void {
  const { response, socket } = trace;
  // `close` is emitted after `finish`, and also without it, so one listener covers both.
  response.on('close', responseClosed);
  if (trace.handMade) {
    // Must run before the listener of the response's creator, which may emit `close`.
    response.prependListener('finish', responseFinished);
    if (isUpgrade(trace)) watchUpgrade(trace, upgradeAnswered);
  }
  if (response.socket === null && !trace.http2 && typeof socket.once === 'function')
    awaitTurn(trace);
}

/** Records, once, that the application has handed over the whole response. */
export function noteAnswered(first: RequestTrace): void {
  if (first.done || first.answered) return;
  for (let trace: RequestTrace | undefined = first; trace !== undefined; trace = trace.next) {
    trace.answered = true;
    trace.observer.answered(trace);
  }
}

/**
 * Whether a socket was destroyed before everything was written. If the client has ended its side,
 * Node has ended its own too, after the bytes that are still to be written.
 */
export function wasCutOff(socket: Socket): boolean {
  return socket.destroyed && !(socket.writableFinished ?? socket.writableEnded);
}

function responseClosed(this: ServerResponse): void {
  const trace = firstTraceOf(this)!;
  if (trace.handMade) settleSoon(trace);
  else settle(trace);
}

/** Ends a response without a Node server at `finish`, because it may never be closed. */
function responseFinished(this: ServerResponse): void {
  const trace = firstTraceOf(this)!;
  if (trace.done || trace.endedAt !== 0) return;
  trace.finished = !wasCutOff(this.socket ?? trace.socket);
  settleSoon(trace);
}

function upgradeAnswered(trace: RequestTrace, status: number, bytes: number): void {
  if (trace.done || trace.endedAt !== 0) return;
  trace.finished = true;
  trace.status = status;
  trace.bytes = bytes;
  settleSoon(trace);
}

/** Settles a trace in the next tick: a handmade response may end within its own `end()`. */
export function settleSoon(trace: RequestTrace): void {
  if (trace.done || trace.endedAt !== 0) return;
  trace.endedAt = performance.now();
  noteAnswered(trace);
  process.nextTick(settle, trace);
}

function settle(first: RequestTrace): void {
  if (first.done) return;
  first.done = true;
  (first.socket as WatchedSocket)[WAITING]?.delete(first);
  if (first.next !== undefined) shareMeasures(first);
  for (let trace: RequestTrace | undefined = first; trace !== undefined; trace = trace.next) {
    trace.done = true;
    trace.observer.ended(trace);
  }
}

/**
 * Registers a pipelined response that waits for earlier ones on its connection. It gets no events
 * of the connection until its turn, so the connection's `close` is watched for it.
 */
function awaitTurn(trace: RequestTrace): void {
  const socket = trace.socket as WatchedSocket;
  if (socket[WAITING] === undefined) {
    socket[WAITING] = new Set();
    socket.once('close', connectionClosed);
  }
  socket[WAITING].add(trace);
}

function connectionClosed(this: WatchedSocket): void {
  abortWaiting(this);
}

/**
 * Aborts the responses that wait for their turn on a connection. Call it before Node treats the
 * response that was cut off as finished and starts the next one.
 */
export function abortWaiting(socket: Socket): void {
  const { [WAITING]: waiting } = socket as WatchedSocket;
  for (const trace of waiting ?? []) {
    if (trace.done || trace.response.socket !== null) continue;
    trace.abortedBeforeHead = true;
    trace.written = false;
    trace.bytes = 0;
    settle(trace);
  }
  waiting?.clear();
}

function isUpgrade({ raw }: RequestTrace): boolean {
  return (raw as { upgrade?: boolean }).upgrade === true || raw.headers.upgrade !== undefined;
}
