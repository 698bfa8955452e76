import type { Socket } from 'node:net';

const SLASH = 47;
/** Characters of a valid authority: no user, and none that would begin a path or a query. */
const HOST = /^[a-z0-9._~!$&'()*+,;=:%[\]-]+$/i;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i;
const MAPPED_DOTTED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_HEX = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;

/** The recorded form of an address. IPv4 mapped into IPv6 becomes IPv4. */
export function plainAddress(address: string): string {
  if (!address.startsWith('::')) return address;
  const dotted = MAPPED_DOTTED.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = MAPPED_HEX.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

/** Builds URLs. Caches the last origin, because most requests have the same one. */
export class RequestUrls {
  private protocol = '';
  private host = '';
  private origin = '';

  /** @param target The target in the request line. */
  of(protocol: 'http' | 'https', host: string, socket: Socket, target: string): string {
    if (target.charCodeAt(0) === SLASH) return this.originOf(protocol, host, socket) + target;
    return ABSOLUTE.test(target) ? target : `${this.originOf(protocol, host, socket)}/${target}`;
  }

  private originOf(protocol: string, host: string, socket: Socket): string {
    if (protocol === this.protocol && host === this.host) return this.origin;
    if (!HOST.test(host)) return `${protocol}://${localHost(socket)}`;
    this.protocol = protocol;
    this.host = host;
    this.origin = `${protocol}://${host}`;
    return this.origin;
  }
}

/** The scheme of a connection: `https` if the socket is encrypted. */
export function schemeOf(socket: Socket): 'http' | 'https' {
  return (socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http';
}

/** The host of a request that names none: the local address of its connection. */
export function localHost({ localAddress, localPort }: Socket): string {
  if (localAddress === undefined) return 'localhost';
  const address = plainAddress(localAddress);
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`;
}
