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

/** Learns of each step of the requests that it follows. */
export interface TraceObserver {
  began(trace: RequestTrace): void;
  /** The application has handed over all of the response. Followed by `ended`. */
  answered(trace: RequestTrace): void;
  ended(trace: RequestTrace): void;
}

/** What is known of a request in progress. */
export class RequestTrace implements SequenceNumber {
  readonly date = Date.now();
  readonly start = performance.now();
  stamp = 0;
  sequence = 0;
  readonly method: string;
  readonly target: string;
  readonly http2: boolean;
  /** Whether no connection is behind it: Fastify's `inject()` only plays one. */
  readonly injected: boolean;
  /** Whether no server of Node's made the response, or none stands behind it any more. */
  readonly handMade: boolean;
  readonly socket: Socket;
  /** Read at arrival: Node forgets it with the connection unless it was asked before. */
  readonly address: string | undefined;
  // Headers are read at arrival too: an application may rewrite them for its own use.
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
  visitorId: string | null = null;
  /** What handlers added for this application, while another one's are reached. */
  trackVars: TrackVars | undefined = undefined;

  /** The trace that meters the response: this one, but in an application within another. */
  readonly first: RequestTrace;
  /** The next application's. */
  next: RequestTrace | undefined = undefined;
  /** On the first: the one whose variables handlers reach. */
  front: RequestTrace = this;

  /**
   * Who the client is, read before a handler can change what the framework says: null where the
   * connection alone says so, undefined as long as it was not read.
   */
  client: ClientView | null | undefined = undefined;

  /** Of the payload, as far as the application has handed it over. */
  bytes = 0;
  /** Of those, the ones that are known to have left. */
  sent = 0;
  /** How many more bytes than characters, which streams count, the strings have that may wait. */
  surplus = 0;
  /** Whether the application wrote to a client that was there, and so the head with it. */
  written = false;
  /** Of an upgrade's answer, of which the response knows nothing; else 0. */
  status = 0;
  /** Whether the client aborted before the head was sent. */
  abortedBeforeHead = false;
  /** Whether all that no server stands behind has been handed over. */
  finished = false;
  /** By `performance.now()`; 0 where it is the moment of recording. */
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
    // What is made by hand may have no other.
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
    // The connection of HTTP/2 is out of reach once the stream has closed.
    if (this.http2) {
      this.client = {
        address: this.address,
        protocol: schemeOf(this.socket),
        host: this.host,
      };
    }
  }
}

/** The parser of its HTTP server, which Node takes off a connection that is upgraded. */
function isServed(socket: Socket): boolean {
  return (socket as { parser?: unknown }).parser != null;
}
