import type { Socket } from 'node:net';
import type { RequestTrace } from './request-trace.js';

const SWITCHING_PROTOCOLS = 101;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)/;
const END_OF_HEAD = '\r\n\r\n';

type Answered = (trace: RequestTrace, status: number, bytes: number) => void;
type Write = (this: Socket, ...args: unknown[]) => unknown;

/**
 * Watches the socket of an upgrade request. A package such as `ws` answers on the socket directly
 * and bypasses the response. Answers written through the response are left to the response.
 */
export function watchUpgrade(trace: RequestTrace, answered: Answered): void {
  const { response } = trace;
  const socket = response.socket ?? trace.socket;
  // Answered before the application was called, as by express-ws. The response has no socket and is
  // never sent.
  if (response.socket === null && socket.bytesWritten > 0) {
    answered(trace, SWITCHING_PROTOCOLS, 0);
    return;
  }
  let isWatching = true;
  const hear = (chunk: unknown): void => {
    if (!isWatching || chunk === undefined || typeof chunk === 'function') return;
    const text = textOf(chunk);
    const status = Number(STATUS_LINE.exec(text)?.[1]);
    if (status < 200 && status !== SWITCHING_PROTOCOLS) return;
    stop();
    // Without a status line it is another protocol. Its result is not known until it ends.
    if (!status || response.headersSent || socket.destroyed) return;
    answered(trace, status, status === SWITCHING_PROTOCOLS ? 0 : lengthOfBody(text));
  };
  const restore = [listenTo(socket, 'write', hear), listenTo(socket, 'end', hear)];
  const stop = (): void => {
    isWatching = false;
    for (const put of restore) put();
  };
}

/** Calls `hear` with the argument of a socket's method before each call. Returns the undo. */
function listenTo(socket: Socket, name: 'write' | 'end', hear: (chunk: unknown) => void) {
  const own = Object.getOwnPropertyDescriptor(socket, name);
  const method = (socket as unknown as Record<string, Write | undefined>)[name];
  if (typeof method !== 'function') return () => undefined;
  const heard = function (this: Socket, ...args: unknown[]): unknown {
    hear(args[0]);
    return method.apply(this, args);
  };
  Object.defineProperty(socket, name, { value: heard, configurable: true, writable: true });
  return () => {
    // Another library may have wrapped this method. Its wrapper must stay.
    if ((socket as unknown as Record<string, unknown>)[name] !== heard) return;
    if (own) Object.defineProperty(socket, name, own);
    else delete (socket as Partial<Pick<Socket, 'write' | 'end'>>)[name];
  };
}

/** The chunk as text, one character for each byte. */
function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return Buffer.from(chunk).toString('latin1');
  if (!ArrayBuffer.isView(chunk)) return '';
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
}

function lengthOfBody(text: string): number {
  const at = text.indexOf(END_OF_HEAD);
  return at < 0 ? 0 : text.length - at - END_OF_HEAD.length;
}
