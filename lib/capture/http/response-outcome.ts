import type { ServerResponse } from 'node:http';
import type { RequestTrace } from './request-trace.js';
import { wasCutOff } from './response-end.js';

/** The status of a response that no client received: the client had left before its head. */
const CLIENT_CLOSED_REQUEST = 499;

/** Whether all of a response left, as far as Node.js tells. */
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
  // Node takes the socket from a response that it has handed over, and only then. It does so too
  // when the socket was destroyed under the last write; one that it closes itself is written first.
  return response.socket === null && !wasCutOff(socket);
}

/** Whoever made the response has closed it, without a server that takes its socket. */
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

/** `headersSent` is true once the head is written down; Node.js also notes whether it has left. */
export function isHeadSent(response: ServerResponse): boolean {
  const { _headerSent, headersSent } = response as { _headerSent?: boolean; headersSent: boolean };
  return _headerSent ?? headersSent;
}

/** What Node's two kinds of responses know of the head that they wrote. */
interface WrittenHead {
  /** The whole head of HTTP/1, beginning with `HTTP/1.1 200 `. */
  readonly _header?: unknown;
  readonly stream?: { readonly sentHeaders?: { readonly ':status'?: number } };
}

const STATUS_AT = 'HTTP/1.1 '.length;

/**
 * The status of the head as it was written, which `statusCode` need not be: it can be set long
 * after. Interim answers, such as 103, are no head.
 */
function sentStatus(response: ServerResponse): number {
  const { _header, stream } = response as WrittenHead;
  if (typeof _header === 'string' && _header.startsWith('HTTP/')) {
    return Number(_header.slice(STATUS_AT, STATUS_AT + 3));
  }
  return stream?.sentHeaders?.[':status'] ?? response.statusCode;
}
