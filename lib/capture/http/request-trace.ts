import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestArgs } from '../../record/index.js';
import type { TrackVars } from '../../decorators/index.js';
import type { Cohort } from './answered-requests.js';
import type { ClientView } from './client-view.js';
import type { TrackingRule } from '../tracking-rules.js';
import { localHost, schemeOf } from './request-url.js';
import { assignSequence, type SequenceNumber } from '../request-ids.js';

type Write = (
  this: ServerResponse,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
) => boolean;
type End = (
  this: ServerResponse,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
) => ServerResponse;

/** Is notified of each step of the requests that it traces. */
export interface TraceObserver {
  began(trace: RequestTrace): void;
  /** The application has handed over all of the response. Followed by `ended`. */
  answered(trace: RequestTrace): void;
  ended(trace: RequestTrace): void;
}

/** The state of a request in progress. */
export class RequestTrace implements SequenceNumber {
  readonly date = Date.now();
  readonly start = performance.now();
  stamp = 0;
  sequence = 0;
  readonly method: string;
  readonly target: string;
  readonly http2: boolean;
  /** Whether the request has no connection: Fastify's `inject()` simulates one. */
  readonly injected: boolean;
  /** Whether no Node server created the response, or it no longer belongs to one. */
  readonly handMade: boolean;
  readonly socket: Socket;
  /** Read at arrival, because Node loses it with the connection unless it was read before. */
  readonly address: string | undefined;
  // Headers are read at arrival, because an application may rewrite them.
  readonly host: string;
  readonly userAgent: string | undefined;
  readonly acceptLanguage: string | undefined;
  readonly authorization: string | undefined;
  readonly referrer: string | undefined;
  readonly xForwardedFor: string | undefined;

  /** The framework's request, once it is known. */
  request: object | null = null;
  rule: TrackingRule | null = null;
  route: string | null = null;
  viewArgs: RequestArgs | null = null;
  /** The version of Nest's versioning that answered, as declared. */
  apiVersion: string | null = null;
  /** The trace of the active span, while the application handled the request. */
  traceId: string | null = null;
  /** Whether all guards of the handler let the request pass. Only noted if somebody asks. */
  hasPassedGuards = false;
  visitorId: string | null = null;
  /** This application's variables while handlers reach those of another application. */
  trackVars: TrackVars | undefined = undefined;

  /** The trace that meters the response. Another trace only if this application is mounted. */
  readonly first: RequestTrace;
  /** The trace of the next application. */
  next: RequestTrace | undefined = undefined;
  /** On the first trace: the trace whose variables handlers reach. */
  front: RequestTrace = this;

  /**
   * The client, read before a handler can change what the framework reports. Null if only the
   * connection tells the client; undefined if not read yet.
   */
  client: ClientView | null | undefined = undefined;

  /** Bytes of payload that the application has handed over. */
  bytes = 0;
  /** Bytes of payload that are known to have left the process. */
  sent = 0;
  /** Bytes minus characters of the strings that may wait. Streams count characters. */
  surplus = 0;
  /** Whether the application wrote, and thereby sent the head, while the client was connected. */
  written = false;
  /** Status of the answer to an upgrade, which the response does not know; else 0. */
  status = 0;
  /** Whether the client aborted before the head was sent. */
  abortedBeforeHead = false;
  /** Whether a response without a Node server has been handed over completely. */
  finished = false;
  /** When the response ended, by `performance.now()`; 0: at the time of recording. */
  endedAt = 0;
  /** Whether the application has handed over all of the response. */
  answered = false;
  cohort: Cohort | null = null;
  done = false;
  readonly write: Write;
  readonly end: End;

  constructor(
    readonly observer: TraceObserver,
    readonly raw: IncomingMessage,
    readonly response: ServerResponse,
    target: string | undefined,
    first?: RequestTrace,
  ) {
    this.first = first ?? this;
    assignSequence(this, this.date);
    this.method = raw.method ?? 'GET';
    this.target = target ?? '/';
    this.http2 = raw.httpVersionMajor >= 2;
    // A handmade request may have no socket. The response may have one.
    const socket = (this.socket = first?.socket ?? raw.socket ?? response.socket);
    this.injected = !this.http2 && response.socket !== null && response.socket !== socket;
    this.handMade = !this.http2 && (this.injected || !isServed(socket));
    this.address = socket.remoteAddress;
    const { headers } = raw;
    this.host = headers.host || (headers[':authority'] as string | undefined) || localHost(socket);
    this.userAgent = headers['user-agent'];
    this.acceptLanguage = headers['accept-language'];
    this.authorization = headers.authorization;
    this.referrer = headers.referer;
    this.xForwardedFor = headers['x-forwarded-for'] as string | undefined;
    const { write, end } = response as unknown as { write: Write; end: End };
    this.write = write;
    this.end = end;
    // The connection of HTTP/2 is not accessible once the stream has closed.
    if (this.http2) {
      this.client = {
        address: this.address,
        protocol: schemeOf(this.socket),
        host: this.host,
      };
    }
  }
}

/** Whether the socket has the parser of an HTTP server. Node removes it on an upgrade. */
function isServed(socket: Socket): boolean {
  return (socket as { parser?: unknown }).parser != null;
}
