import { isIP } from 'node:net';
import type { RequestTrace } from './request-trace.js';
import { schemeOf } from './request-url.js';

/** What the framework says of the client and of what it asked for. */
export interface ClientView {
  readonly address: string | undefined;
  readonly protocol: string;
  /** With the port, if it is not the scheme's own. Empty or undefined where it is unknown. */
  readonly host: string | undefined;
}

/** As much of a socket as frameworks ask who the client is. */
export interface ClientSocket {
  readonly remoteAddress: string | undefined;
  readonly encrypted: boolean;
}

const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([\da-f:.]+)\])(?::\d+)?$/i;

/** What a trace knows of its connection, for when the request or the connection has lost it. */
export function socketOf({ address, socket }: RequestTrace): ClientSocket {
  return { remoteAddress: address, encrypted: schemeOf(socket) === 'https' };
}

/**
 * The client's address. What was forwarded is believed where it is one: some proxies add the port,
 * others write `unknown`.
 */
export function addressOf(client: ClientView | null, trace: RequestTrace): string | undefined {
  const forwarded = client?.address;
  if (forwarded === undefined || forwarded === trace.address) return trace.address;
  if (isIP(forwarded) !== 0) return forwarded;
  const [, v4, v6] = WITH_PORT.exec(forwarded) ?? [];
  const address = v4 ?? v6;
  return address !== undefined && isIP(address) !== 0 ? address : trace.address;
}

/** The scheme that the client used. What was forwarded is believed where it is one of HTTP's. */
export function protocolOf(client: ClientView | null, trace: RequestTrace): 'http' | 'https' {
  const forwarded = client?.protocol.toLowerCase();
  return forwarded === 'http' || forwarded === 'https' ? forwarded : schemeOf(trace.socket);
}
