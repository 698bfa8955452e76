import * as ipaddrPackage from 'ipaddr.js';
import type { IPv4, IPv6 } from 'ipaddr.js';
import { defaultExport } from '../support/default-export.js';
import { MAX_TEXT_LENGTH } from './text-limits.js';

// Its declarations know no default.
const ipaddr = defaultExport(
  ipaddrPackage as unknown as { readonly default: typeof ipaddrPackage },
);

/** How much of an address is kept. */
export type IpMode = 'full' | 'masked' | 'none';

const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

const MAPPED = '::ffff:';
const IN_BRACKETS_OR_WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/;

/** A client's address as it is kept. IPv4 mapped into IPv6 is written as IPv4. */
export function keptAddress(address: string | null, mode: IpMode): string | null {
  if (address === null || mode === 'none') return null;
  if (mode === 'masked') return maskAddress(address);
  if (!address.startsWith('::') && !address.startsWith('0:0:')) return address;
  const tail = address.slice(MAPPED.length);
  // What Node gives for IPv4 clients of a server that listens on both: no parsing for each request.
  if (address.startsWith(MAPPED) && IPV4.test(tail)) return tail;
  const parsed = parseAddress(address);
  return parsed?.kind() === 'ipv4' ? parsed.toString() : address;
}

/** An `X-Forwarded-For` header as it is kept: each address in it is treated as the client's own. */
export function keptForwardedFor(header: string | null, mode: IpMode): string | null {
  if (header === null || mode === 'full') return header;
  if (mode === 'none') return null;
  return header
    .slice(0, MAX_TEXT_LENGTH)
    .split(',')
    .map((entry) => maskAddress(entry) ?? 'unknown')
    .join(', ');
}

/** The /24 of an IPv4 address or the /48 of an IPv6 one; null for what is no address. */
export function maskAddress(text: string): string | null {
  if (IPV4.test(text)) return `${text.slice(0, text.lastIndexOf('.'))}.0`;
  const parsed = parseAddress(text);
  if (parsed === null) return null;
  return parsed.kind() === 'ipv4'
    ? new ipaddr.IPv4([...parsed.toByteArray().slice(0, 3), 0]).toString()
    : new ipaddr.IPv6([...(parsed as IPv6).parts.slice(0, 3), 0, 0, 0, 0, 0]).toString();
}

/**
 * Reads an address as headers write it, with brackets, quotes or a port, IPv4 mapped into IPv6 as
 * IPv4. Unlike the library, takes no octal, hexadecimal or shortened forms of IPv4.
 */
export function parseAddress(text: string): IPv4 | IPv6 | null {
  const bare = text.trim().replace(/^"|"$/g, '');
  const [, inBrackets, beforePort] = IN_BRACKETS_OR_WITH_PORT.exec(bare) ?? [];
  const address = inBrackets ?? beforePort ?? bare;
  if (!IPV4.test(address) && !address.includes(':')) return null;
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}

/** Whether an address is one of the public internet, so that somebody can know where it is. */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== 'unicast') return false;
  // 2000::/3 is all that has been given out of IPv6.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}
