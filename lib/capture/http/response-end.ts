import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestTrace } from './request-trace.js';
import { firstTraceOf, shareMeasures } from './response-traces.js';
import { watchUpgrade } from './upgrade-watch.js';

const WAITING = Symbol('nestjs-track-usage:waiting');

type WatchedSocket = Socket & { [WAITING]?: Set<RequestTrace> };

/** Notices when a response has ended, and tells the observers of its traces once. */
export function watchEnd(trace: RequestTrace): void {
  const { response, socket } = trace;
  // `close` comes after `finish`, and alone where there is no `finish`: one listener hears both.
  response.on('close', responseClosed);
  if (trace.handMade) {
    // Before the maker's own listener, which may emit `close`.
    response.prependListener('finish', responseFinished);
    if (isUpgrade(trace)) watchUpgrade(trace, upgradeAnswered);
  }
  if (response.socket === null && !trace.http2 && typeof socket.once === 'function')
    awaitTurn(trace);
}

/** Notes, once, that all of a response has been handed over by the application. */
export function noteAnswered(first: RequestTrace): void {
  if (first.done || first.answered) return;
  for (let trace: RequestTrace | undefined = first; trace !== undefined; trace = trace.next) {
    trace.answered = true;
    trace.observer.answered(trace);
  }
}

/**
 * Whether Node destroyed a socket, or had to, before all was written. Where the client has ended
 * its side, Node has ended its own too, behind what is still to be written.
 */
export function wasCutOff(socket: Socket): boolean {
  return socket.destroyed && !(socket.writableFinished ?? socket.writableEnded);
}

function responseClosed(this: ServerResponse): void {
  const trace = firstTraceOf(this)!;
  if (trace.handMade) settleSoon(trace);
  else settle(trace);
}

/** No server stands behind the response, so nobody may ever close it: this is its end. */
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

/** What was made by hand may end within its own `end()`: what that does goes first. */
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
 * A pipelined request's response waits behind others, and hears nothing of its connection until
 * it is its turn. The connection tells it then.
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
 * Tells those responses that wait for their turn on a connection that it will not come. To be
 * called before Node takes what it cut off for finished, and gives the next one its turn.
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
