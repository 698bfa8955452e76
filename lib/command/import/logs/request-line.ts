import { UnreadableError } from '../unreadable.error.js';
import type { LogFields } from './log-fields.js';

/** What a client asked for. */
export interface RequestLine {
  readonly method: string;
  /** Path and query, or a whole URL, as sent. */
  readonly target: string;
  /** `HTTP/1.1`, `HTTP/2.0`, … as Node names it. */
  readonly protocol: string;
}

const METHOD = /^[A-Z][A-Z-]*$/;
const PROTOCOL = /^(?:HTTP\/)?(\d)(?:\.(\d))?$/i;

/**
 * The request line, from `$request` or from its parts.
 *
 * @throws {UnreadableError} if what the client sent is no HTTP request: nothing, or bytes of TLS.
 */
export function requestLine(fields: LogFields): RequestLine {
  const sent = fields.request;
  if (sent !== undefined && fields.request_method === undefined) return split(sent);
  const method = fields.request_method;
  const target = fields.request_uri ?? targetOf(fields) ?? (sent && split(sent).target);
  if (method === undefined || target === undefined) throw new UnreadableError('it has no request');
  if (!METHOD.test(method)) throw notHttp(method);
  return { method, target, protocol: protocolOf(fields.server_protocol) };
}

function split(sent: string): RequestLine {
  const first = sent.indexOf(' ');
  const last = sent.lastIndexOf(' ');
  const method = first < 0 ? '' : sent.slice(0, first);
  if (!METHOD.test(method)) throw notHttp(sent);
  const protocol = last > first ? sent.slice(last + 1) : '';
  // HTTP/0.9 has none, and a target with a space in it may be followed by none.
  const hasProtocol = PROTOCOL.test(protocol);
  const target = sent.slice(first + 1, hasProtocol ? last : undefined);
  if (target === '') throw notHttp(sent);
  return { method, target, protocol: protocolOf(hasProtocol ? protocol : undefined) };
}

function targetOf({ uri, args }: LogFields): string | undefined {
  return uri === undefined || args === undefined ? uri : `${uri}?${args.replace(/^\?/, '')}`;
}

function protocolOf(text: string | undefined): string {
  const [, major, minor] = PROTOCOL.exec(text ?? '') ?? [];
  if (major === undefined) return text === undefined ? 'HTTP/1.1' : text;
  return `HTTP/${major}.${minor ?? '0'}`;
}

function notHttp(sent: string): UnreadableError {
  return new UnreadableError(
    `the client sent no HTTP request: ${JSON.stringify(sent.slice(0, 60))}`,
  );
}
