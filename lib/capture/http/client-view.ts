import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { schemeOf } from './request-url.js';

/** The client and the requested host, as the framework reports them. */
export interface ClientView {
  readonly address: string | undefined;
  readonly protocol: string;
  /** Host with the port, unless it is the scheme's default. Empty or undefined if unknown. */
  readonly host: string | undefined;
}

/** The properties of a socket from which frameworks determine the client. */
export interface ClientSocket {
  readonly remoteAddress: string | undefined;
  readonly encrypted: boolean;
}

/** What is known of a request's connection, even after the request has lost it. */
export interface Connection {
  readonly address: string | undefined;
  readonly socket: Socket;
}

const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([\da-f:.]+)\])(?::\d+)?$/i;

/** Creates a substitute for the socket of a request that has lost its own. */
export function socketOf({ address, socket }: Connection): ClientSocket {
  return { remoteAddress: address, encrypted: schemeOf(socket) === 'https' };
}

/**
 * The client's address. A forwarded value is only used if it is an address, because some proxies
 * append the port and others write `unknown`.
 */
export function addressOf(client: ClientView | null, connection: Connection): string | undefined {
  const forwarded = client?.address;
  if (forwarded === undefined || forwarded === connection.address) return connection.address;
  if (isIP(forwarded) !== 0) return forwarded;
  const [, v4, v6] = WITH_PORT.exec(forwarded) ?? [];
  const address = v4 ?? v6;
  return address !== undefined && isIP(address) !== 0 ? address : connection.address;
}

/** The scheme that the client used. A forwarded value is only used if it is `http` or `https`. */
export function protocolOf(client: ClientView | null, connection: Connection): 'http' | 'https' {
  const forwarded = client?.protocol.toLowerCase();
  return forwarded === 'http' || forwarded === 'https' ? forwarded : schemeOf(connection.socket);
}
