import type { ServerResponse } from 'node:http';
import type { RequestTrace } from './request-trace.js';
import { wasCutOff } from './response-end.js';

/** The status of a response whose client disconnected before the head was sent. */
const CLIENT_CLOSED_REQUEST = 499;

/** Whether the whole response left the process, as far as Node.js reports it. */
export function hasCompleted(trace: RequestTrace): boolean {
  const { response, socket, http2, injected, handMade, finished, abortedBeforeHead } = trace;
  if (finished) return true;
  if (abortedBeforeHead || !response.writableEnded) return false;
  if (injected) return true;
  if (http2) {
    const { stream } = response as unknown as { stream?: { aborted: boolean; rstCode: number } };
    return stream === undefined || (!stream.aborted && stream.rstCode === 0);
  }
  if (handMade && response.socket !== null) return isHandedOver(response);
  // Node detaches the socket only from a response that was handed over, but also if the socket was
  // destroyed during the last write. Before Node closes a socket itself, it writes everything.
  return response.socket === null && !wasCutOff(socket);
}

/** Whether a closed response without a Node server, which keeps its socket, was handed over. */
function isHandedOver(response: ServerResponse): boolean {
  const { outputSize, socket } = response as ServerResponse & { outputSize?: number };
  return !outputSize && !socket?.writableLength && !(socket && wasCutOff(socket));
}

/** The status that was sent, or 499 if none was. */
export function statusOf(trace: RequestTrace, completed: boolean): number {
  const { response, status, written, abortedBeforeHead } = trace;
  if (status !== 0) return status;
  const sent = completed || written || (isHeadSent(response) && !abortedBeforeHead);
  return sent ? sentStatus(response) : CLIENT_CLOSED_REQUEST;
}

/** Whether the head was sent. `headersSent` is true earlier, once the head is built. */
export function isHeadSent(response: ServerResponse): boolean {
  const { _headerSent, headersSent } = response as { _headerSent?: boolean; headersSent: boolean };
  return _headerSent ?? headersSent;
}

/** Where Node's responses of HTTP/1 and HTTP/2 keep the head that they wrote. */
interface WrittenHead {
  /** The whole head of HTTP/1, beginning with `HTTP/1.1 200 `. */
  readonly _header?: unknown;
  readonly stream?: { readonly sentHeaders?: { readonly ':status'?: number } };
}

const STATUS_AT = 'HTTP/1.1 '.length;

/**
 * The status in the head that was written. `statusCode` may differ, because it can be set later.
 * Interim responses such as 103 do not count.
 */
function sentStatus(response: ServerResponse): number {
  const { _header, stream } = response as WrittenHead;
  if (typeof _header === 'string' && _header.startsWith('HTTP/')) {
    return Number(_header.slice(STATUS_AT, STATUS_AT + 3));
  }
  return stream?.sentHeaders?.[':status'] ?? response.statusCode;
}
