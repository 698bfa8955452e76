import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestTrace } from './request-trace.js';
import { abortWaiting } from './response-end.js';
import { firstTraceOf } from './response-traces.js';

const WATCHED = Symbol('nestjs-track-usage:watched');

/** A socket, or a stream of HTTP/2, with what it knows of the bytes that were written to it. */
type Outlet = Omit<Duplex, '_destroy'> & {
  [WATCHED]?: true;
  _destroy(error: Error | null, callback: (error?: Error | null) => void): void;
  readonly _writableState?: { readonly writelen?: number };
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  /** Under TLS, the socket below. */
  readonly _parent?: Outlet | null;
  /** Of a socket, the response whose turn it is. */
  readonly _httpMessage?: ServerResponse | null;
};

/**
 * Notes how many bytes of the payload the operating system has taken so far, and sees to it that
 * the rest is known when the connection is cut. To be called when something was written.
 */
export function noteSent(trace: RequestTrace): void {
  const outlet = outletOf(trace);
  if (outlet === undefined) return;
  // A pipelined response has not come to the connection yet.
  const isWaiting = trace.response.socket === null && !trace.http2;
  if (outlet.writableLength === 0 && !isWaiting) {
    // The usual case: all of it has been taken at once.
    trace.sent = trace.bytes;
    trace.surplus = 0;
    return;
  }
  if (outlet[WATCHED] === undefined) watch(outlet, trace);
  if (!isWaiting) addSent(trace, outlet);
}

/**
 * Bytes of the payload that have left the process, never more. The framing of chunks that have not
 * left counts as payload that has not, and so does all of a write to HTTP/2 that is under way.
 */
export function sentBytes(trace: RequestTrace, completed: boolean): number {
  const { first, bytes } = trace;
  const isKnown = completed || outletOf(first)?.[WATCHED] === undefined;
  return isKnown ? bytes : Math.min(first.sent, bytes);
}

function outletOf({ http2, handMade, response, socket }: RequestTrace): Outlet | undefined {
  if (handMade) return undefined;
  return (http2 ? (response as { stream?: unknown }).stream : socket) as Outlet | undefined;
}

/** Once a connection is gone, so is what it knew. */
function watch(outlet: Outlet, trace: RequestTrace): void {
  outlet[WATCHED] = true;
  const note = () => {
    const current = trace.http2 ? trace : currentTrace(outlet);
    if (current) addSent(current, outlet);
  };
  const destroy = outlet._destroy.bind(outlet);
  outlet._destroy = (error, callback) => {
    // The failure of a write does not tell how much of it had been sent.
    if ((error as { syscall?: string } | null)?.syscall !== 'write') note();
    if (!trace.http2) abortWaiting(trace.socket);
    destroy(error, callback);
  };
  // What the client takes after its own end often fails in a write.
  outlet.on('end', note);
}

function currentTrace({ _httpMessage: response }: Outlet): RequestTrace | undefined {
  return response ? firstTraceOf(response) : undefined;
}

function addSent(trace: RequestTrace, outlet: Outlet): void {
  trace.sent = Math.max(trace.sent, trace.bytes - unsentBytes(outlet, trace.surplus));
}

/**
 * Bytes that were written, framing included, and that the operating system has not taken: at most
 * so many, as the stream counts the characters of strings.
 *
 * @param surplus How many more bytes than characters may wait.
 */
function unsentBytes(outlet: Outlet, surplus: number): number {
  const { writableLength, _writableState: state } = outlet;
  const inFlight = state?.writelen ?? 0;
  const { _handle: handle } = outlet._parent ?? outlet;
  const queued = handle?.writeQueueSize;
  if (writableLength === 0) return 0;
  if (inFlight === 0 || queued === undefined) return writableLength + surplus;
  const buffered = writableLength - inFlight;
  return (buffered && buffered + surplus) + Math.min(inFlight + surplus, queued);
}
