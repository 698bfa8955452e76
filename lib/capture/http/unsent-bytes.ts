import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestTrace } from './request-trace.js';
import { abortWaiting } from './response-end.js';
import { firstTraceOf } from './response-traces.js';

const WATCHED = Symbol('nestjs-track-usage:watched');

/** A socket or an HTTP/2 stream, with its internal counts of written bytes. */
type Outlet = Omit<Duplex, '_destroy'> & {
  [WATCHED]?: true;
  _destroy(error: Error | null, callback: (error?: Error | null) => void): void;
  readonly _writableState?: { readonly writelen?: number };
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  /** The underlying socket of a TLS socket. */
  readonly _parent?: Outlet | null;
  /** The response that a socket currently sends. */
  readonly _httpMessage?: ServerResponse | null;
};

/**
 * Records how many bytes of payload the operating system has accepted so far. Call it after each
 * write. If bytes are left, watches the connection, so that the count is known when it is lost.
 */
export function noteSent(trace: RequestTrace): void {
  const outlet = outletOf(trace);
  if (outlet === undefined) return;
  // A pipelined response that waits for its turn has no socket yet.
  const isWaiting = trace.response.socket === null && !trace.http2;
  if (outlet.writableLength === 0 && !isWaiting) {
    // The usual case: the operating system has accepted everything at once.
    trace.sent = trace.bytes;
    trace.surplus = 0;
    return;
  }
  if (outlet[WATCHED] === undefined) watch(outlet, trace);
  if (!isWaiting) addSent(trace, outlet);
}

/**
 * A lower bound of the bytes of payload that have left the process. The framing of unsent chunks
 * and the whole of an HTTP/2 write in progress count as unsent payload.
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

/** Reads the counts before the connection is destroyed, because they are lost with it. */
function watch(outlet: Outlet, trace: RequestTrace): void {
  outlet[WATCHED] = true;
  const note = () => {
    const current = trace.http2 ? trace : currentTrace(outlet);
    if (current) addSent(current, outlet);
  };
  const destroy = outlet._destroy.bind(outlet);
  outlet._destroy = (error, callback) => {
    // A failed write does not tell how many of its bytes were sent.
    if ((error as { syscall?: string } | null)?.syscall !== 'write') note();
    if (!trace.http2) abortWaiting(trace.socket);
    destroy(error, callback);
  };
  // Records the counts now, because writes after the client has ended its side often fail.
  outlet.on('end', note);
}

function currentTrace({ _httpMessage: response }: Outlet): RequestTrace | undefined {
  return response ? firstTraceOf(response) : undefined;
}

function addSent(trace: RequestTrace, outlet: Outlet): void {
  trace.sent = Math.max(trace.sent, trace.bytes - unsentBytes(outlet, trace.surplus));
}

/**
 * An upper bound of the written bytes, framing included, that the operating system has not
 * accepted. It is a bound, because streams count the characters of strings.
 *
 * @param surplus Bytes minus characters of the strings that may wait.
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
