import * as ipaddrPackage from 'ipaddr.js';
import type { IPv4, IPv6 } from 'ipaddr.js';
import { defaultExport } from '../support/optional-packages.js';
import { MAX_TEXT_LENGTH } from './text-limits.js';

// The package's declarations have no default export.
const ipaddr = defaultExport(
  ipaddrPackage as unknown as { readonly default: typeof ipaddrPackage },
);

/** How much of an address is stored. */
export type IpMode = 'full' | 'masked' | 'none';

const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

const MAPPED = '::ffff:';
const IN_BRACKETS_OR_WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/;

/** The form in which a client's address is stored. IPv4 mapped into IPv6 becomes IPv4. */
export function keptAddress(address: string | null, mode: IpMode): string | null {
  if (address === null || mode === 'none') return null;
  if (mode === 'masked') return maskAddress(address);
  if (!address.startsWith('::') && !address.startsWith('0:0:')) return address;
  const tail = address.slice(MAPPED.length);
  // Node reports IPv4 clients of a dual-stack server like this. Skips the parser for them.
  if (address.startsWith(MAPPED) && IPV4.test(tail)) return tail;
  const parsed = parseAddress(address);
  return parsed?.kind() === 'ipv4' ? parsed.toString() : address;
}

/** The form in which an `X-Forwarded-For` header is stored. Masks each address in it. */
export function keptForwardedFor(header: string | null, mode: IpMode): string | null {
  if (header === null || mode === 'full') return header;
  if (mode === 'none') return null;
  return header
    .slice(0, MAX_TEXT_LENGTH)
    .split(',')
    .map((entry) => maskAddress(entry) ?? 'unknown')
    .join(', ');
}

/** The /24 of an IPv4 address or the /48 of an IPv6 address; null if the text is no address. */
export function maskAddress(text: string): string | null {
  if (IPV4.test(text)) return `${text.slice(0, text.lastIndexOf('.'))}.0`;
  const parsed = parseAddress(text);
  if (parsed === null) return null;
  return parsed.kind() === 'ipv4'
    ? new ipaddr.IPv4([...parsed.toByteArray().slice(0, 3), 0]).toString()
    : new ipaddr.IPv6([...(parsed as IPv6).parts.slice(0, 3), 0, 0, 0, 0, 0]).toString();
}

/**
 * Parses an address as written in headers: with brackets, quotes or a port. IPv4 mapped into IPv6
 * becomes IPv4. Unlike the library, rejects octal, hexadecimal and shortened forms of IPv4. Null if
 * the text is no address.
 */
export function parseAddress(text: string): IPv4 | IPv6 | null {
  const bare = text.trim().replace(/^"|"$/g, '');
  const [, inBrackets, beforePort] = IN_BRACKETS_OR_WITH_PORT.exec(bare) ?? [];
  const address = inBrackets ?? beforePort ?? bare;
  if (!IPV4.test(address) && !address.includes(':')) return null;
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}

/** Whether an address belongs to the public internet. Only such an address has a location. */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== 'unicast') return false;
  // All IPv6 addresses assigned so far are in 2000::/3.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}
